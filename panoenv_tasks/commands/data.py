"""``panoenv data``: what is there, what is wrong with it, and fetching the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.commands.panoramas import compare, fetch, restore
from panoenv_tasks.items import CATEGORIES, QUESTION_TYPES, DataError, Item, fingerprint
from panoenv_tasks.markdown import table
from panoenv_tasks.restore.confidence import check_restored
from panoenv_tasks.sources import Problem, read_items
from panoenv_tasks.sources.images import check_images
from panoenv_tasks.sources.locate import find_root, nameless, splits_at
from panoenv_tasks.sources.released import released_part
from panoenv_tasks.taxonomy import subcategories

app = typer.Typer(no_args_is_help=True, help="Look at, check and fetch PanoEnv-QA data.")

_PATH = typer.Argument(help="Folder or annotation file; default: $PANOENV_DATA, else the fetched release.")


@app.command()
def check(path: Annotated[Path | None, _PATH] = None) -> None:
    """List every problem with file and line; exit 2 when there is one."""
    root = find_root(path)
    total = 0
    for split in _splits(root):
        items, problems = read_items(root, split)
        problems = [*problems, *_image_problems(items)]
        for problem in problems:
            typer.echo(problem)
        kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(i.image_kind for i in items).items())
        typer.echo(f"{split}: {len(items)} questions (images: {kinds}), {len(problems)} problems")
        typer.echo(released_part(root, split, items))
        typer.echo(f"{split}: fingerprint {fingerprint(items)}")
        total += len(problems)
    if total:
        raise typer.Exit(2)


app.command()(fetch)
app.command()(restore)
app.command()(compare)


@app.command()
def stats(path: Annotated[Path | None, _PATH] = None) -> None:
    """Print the paper's data set tables for what is there."""
    root = find_root(path)
    splits, faulty = {}, False
    for split in _splits(root):
        items, problems = read_items(root, split)
        splits[split] = items
        if problems:
            faulty = True
            typer.echo(f"{split}: {len(problems)} problems; run `panoenv data check`", err=True)
    typer.echo(render_stats(splits))
    if faulty:
        raise typer.Exit(2)


@app.command()
def show(
    output: Annotated[Path, typer.Option("-o", "--output", help="The PNG to write; with --pairs, the HTML.")],
    item: Annotated[str | None, typer.Argument(help="An item id, or its beginning.")] = None,
    pairs: Annotated[int, typer.Option(min=0, help="Instead of one item: a page of so many twins.")] = 0,
    path: Annotated[Path | None, typer.Option("--data", help=str(_PATH.help))] = None,
) -> None:
    """Draw a question: the panorama with its boxes, the six views, question and answer.

    With --pairs, a page of twins to try: two panoramas, one question, the answers folded away; from the
    bundled set unless --data says otherwise.
    """
    if (item is None) == (pairs == 0):
        raise DataError("expected an item id, or --pairs with a number")
    if item is None:
        _show_pairs(path, pairs, output)
        return
    root = find_root(path)
    matches = [i for split in _splits(root) for i in read_items(root, split)[0] if i.id.startswith(item)]
    if len(matches) != 1:
        raise DataError(f"{root}: {len(matches)} items begin with {item!r}; expected exactly one")
    from panoenv_tasks.synthesis.show import draw

    draw(matches[0]).save(output)
    typer.echo(f"{output}: {matches[0].id}")


def _show_pairs(path: Path | None, count: int, output: Path) -> None:
    from panoenv_tasks.synthesis.mini import ensure_mini_twins
    from panoenv_tasks.synthesis.twins.page import write_page

    root = ensure_mini_twins() if path is None else find_root(path)
    items = [item for split in _splits(root) for item in read_items(root, split)[0]]
    shown = write_page(items, count, output)
    typer.echo(f"{output}: {len(shown)} pairs")


def render_stats(splits: dict[str, list[Item]]) -> str:
    """Return the tables: splits, categories, sub-categories, question types, answers."""
    everything = [item for items in splits.values() for item in items]
    by_category = Counter(i.category for i in everything)
    by_sub = Counter(i.subcategory for i in everything)
    by_type = Counter(i.question_type for i in everything)
    tables = [
        table(
            ["Split", "Environments", "Images", "Questions"],
            [
                [split, len({i.environment for i in items}), len({i.panorama for i in items}), len(items)]
                for split, items in splits.items()
            ],
        ),
        _shares("Category", {name: by_category[name] for name in CATEGORIES}),
        _shares("Sub-category", {name: by_sub[name] for name in subcategories() if by_sub[name]}),
        _shares("Question type", {name: by_type[name] for name in QUESTION_TYPES}),
    ]
    return "\n\n".join([*tables, "\n".join(_answer_lines(everything))])


def _shares(head: str, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    rows = [[name, n, f"{100 * n / total if total else 0:.1f} %"] for name, n in counts.items()]
    return table([head, "Questions", "Share"], rows)


def _answer_lines(items: Sequence[Item]) -> list[str]:
    if not items:
        return ["no questions"]
    answers = [item.answer for item in items]
    yes, no = answers.count("Yes"), answers.count("No")
    ratio = f"{100 * yes / (yes + no):.1f} / {100 * no / (yes + no):.1f} %" if yes + no else "-"
    seam = sum(item.touches_seam for item in items)
    return [
        f"unique answers: {len(set(answers))}",
        f"mean answer length: {sum(map(len, answers)) / len(answers):.1f} characters",
        f"Yes / No: {ratio}",
        f"questions with a box at the image seam: {seam}",
    ]


def _splits(root: Path) -> list[str]:
    splits = splits_at(root)
    if not splits and root.is_file():
        raise DataError(f"{root}: the file name states no split; name it like panoenv_val.jsonl")
    if not splits:
        expected = "<split>/<Environment>/<frame>/<frame>_qa.json or panoenv_<split>.jsonl"
        raise DataError(f"{root}: no questions; expected {expected}{nameless(root)}")
    return splits


def _image_problems(items: Sequence[Item]) -> list[Problem]:
    # Questions alone are a usable set (blind runs, training on text); pictures that are there must be good.
    shown = [item for item in items if item.image is not None]
    problems = check_images(shown, anew=True)
    bad = {problem.origin for problem in problems}
    restored = {item.image: item for item in reversed(shown) if item.image_kind == "restored"}
    for picture, item in reversed(restored.items()):
        if picture is not None and item.origin not in bad:
            try:
                check_restored(picture)
            except DataError as error:
                problems.append(Problem(item.origin, str(error)))
    return problems
