"""From one panorama to one folder of the built tree."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks import owned
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.kept import kept_files, write_kept
from panoenv_tasks.synthesis.objects import Object, measure
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.questions import Question, ask
from panoenv_tasks.synthesis.questions.extra import ask_extra
from panoenv_tasks.synthesis.vocabulary import Keep, PictureFormat, Rules

#: 0 to 9: little is gained above, and time doubles.
_COMPRESSION = 3
#: JPEG at this quality, with its colours in full: a third of the size of PNG, and no edge moves.
_QUALITY = 95
#: How whole files end: a PNG's last chunk, a JPEG's end marker.
_ENDS = {".png": b"\0\0\0\0IEND\xaeB`\x82", ".jpg": b"\xff\xd9"}

#: How our question files end and say a sub-category, as `_write_json` lays them out.
_QUESTIONS_END = b" }\n ]\n}\n"
_SUBCATEGORY = b'"sub_category": "'


@dataclass(frozen=True)
class Form:
    """What a frame's folder holds beside questions and objects."""

    picture: PictureFormat = "png"
    keep: tuple[Keep, ...] = ()

    @property
    def picture_name(self) -> str:
        """The picture's file."""
        return "rgb_erp.png" if self.picture == "png" else "rgb_erp.jpg"


PLAIN = Form()


def write_frame(
    panorama: Panorama, folder: Path, rules: Rules, seed: int, form: Form = PLAIN, *, extra: bool = False
) -> tuple[int, int]:
    """Choose objects, ask about them and write the frame; see ``write_folder``.

    Returns:
        How many questions were asked, of how many objects.

    Raises:
        FrameError: Nothing can be asked of this panorama.
        OSError: The folder cannot be written.
    """
    dice = Dice("questions", panorama.environment, panorama.frame, seed)
    objects = choose(measure(panorama, rules), rules, dice)
    questions = ask(objects, panorama.environment, rules, dice)
    if extra:
        own_dice = Dice("extra", panorama.environment, panorama.frame, seed)
        questions += ask_extra(panorama, objects, own_dice)
    write_folder(panorama, folder, objects, questions, form)
    return len(questions), len(objects)


def write_folder(
    panorama: Panorama,
    folder: Path,
    objects: Sequence[Object],
    questions: Sequence[Question],
    form: Form = PLAIN,
) -> None:
    """Write a frame's panorama, questions and objects; all of it or nothing, even if the power fails.

    The folder then holds ``rgb_erp.png``, ``<frame>_qa.json`` (the released shape) and
    ``<frame>_objects.json`` (what was measured, for whoever wants to check an answer), and what the form
    asks to keep.

    Raises:
        OSError: The folder cannot be written.
    """
    with owned.scratch(folder.parent, folder.name) as work:
        _write_picture(panorama, work / form.picture_name)
        write_kept(panorama, work, form.keep)
        _write_json(work / f"{folder.name}_objects.json", _objects_record(objects))
        _write_json(work / f"{folder.name}_qa.json", _questions_record(panorama, questions))
        place_files(work, folder, form)


def place_files(work: Path, folder: Path, form: Form) -> None:
    """Move a frame's finished files from ``work`` to its folder.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(exist_ok=True)
    # The questions come last: readers and the next run count a frame from them. What else lies in the
    # folder is not ours to remove.
    names = (form.picture_name, *kept_files(form.keep), f"{folder.name}_objects.json")
    for name in (*names, f"{folder.name}_qa.json"):
        _to_disk(work / name)
        os.replace(work / name, folder / name)


def written(folder: Path, form: Form = PLAIN) -> list[str] | None:
    """Return the sub-categories asked in a frame's folder; None when it is not there whole.

    A file that a power cut or a copy left empty or cut short does not count.
    """
    # Strings, not paths: a large tree is scanned whenever its build goes on.
    stem = f"{folder}/{folder.name}"
    try:
        asked = _asked(f"{stem}_qa.json")
        whole = all(_is_whole(f"{folder}/{name}") for name in (form.picture_name, *kept_files(form.keep)))
        whole &= os.stat(f"{stem}_objects.json").st_size > 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return asked if asked and whole else None


def _asked(file: str) -> list[str]:
    """Return the sub-categories in a question file; parsing all of it takes most of a scan."""
    with open(file, "rb") as opened:
        content = opened.read()
    if content.endswith(_QUESTIONS_END):
        # Quotes in a text are escaped, so this is never one.
        return [part[: part.index(b'"')].decode() for part in content.split(_SUBCATEGORY)[1:]]
    return [str(question["sub_category"]) for question in json.loads(content)["questions"]]


def _is_whole(file: str) -> bool:
    """Whether a file has an end of its kind; one of another kind must only not be empty."""
    if file.endswith(".npz"):
        import zipfile

        return zipfile.is_zipfile(file)
    end = _ENDS.get(file[-4:])
    if end is None:
        return os.stat(file).st_size > 0
    with open(file, "rb") as opened:
        opened.seek(-len(end), os.SEEK_END)
        return opened.read() == end


def _to_disk(path: Path) -> None:
    """Wait until a file's content is on the disk: its name can otherwise outlive a power cut, empty."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _write_picture(panorama: Panorama, path: Path) -> None:
    from PIL import Image

    if panorama.picture is not None and panorama.picture.suffix == path.suffix:
        shutil.copyfile(panorama.picture, path)
    elif path.suffix == ".png":
        Image.fromarray(panorama.rgb).save(path, compress_level=_COMPRESSION)
    else:
        Image.fromarray(panorama.rgb).save(path, quality=_QUALITY, subsampling=0)


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _questions_record(panorama: Panorama, questions: Sequence[Question]) -> dict[str, Any]:
    rows = []
    for number, question in enumerate(questions, start=1):
        row: dict[str, Any] = {
            "question_id": number,
            "major_category": question.template.category,
            "sub_category": question.template.subcategory,
            "question_type": question.template.question_type,
            "question": question.text,
            "answer": question.answer,
        }
        if question.options:
            row["options"] = list(question.options)
        if question.pair:
            row["pair"] = question.pair
        rows.append({**row, "related_object_ids": list(question.objects)})
    record: dict[str, Any] = {"env": panorama.environment, "image_id": panorama.frame}
    if panorama.pose is not None:
        record["camera_to_world"] = [[round(part, 7) for part in row] for row in panorama.pose.tolist()]
    return {**record, "questions": rows}


def _objects_record(objects: Sequence[Object]) -> list[dict[str, Any]]:
    return [
        {
            "object_id": one.number,
            "label": one.label,
            "bbox": list(one.box),
            "pixels": one.pixels,
            "faces": one.faces,
            "distance_m": _rounded([one.depths.p20, one.depths.p50, one.depths.p80]),
            "center_m": _rounded(one.centre),
            "size_m": _rounded(one.size),
            "visible": round(one.visible, 3),
        }
        for one in objects
    ]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]
