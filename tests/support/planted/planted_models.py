"""Models of known behaviour, planted into lmms-eval, that an audit must see through.

``planted_heights`` never looks: its only sense of distance is how low a printed box reaches in the image.
``planted_memory`` knows every panorama of the set by sight, and the answers to its questions, but
understands nothing: what it has not seen exactly like that, it cannot answer.
"""

from __future__ import annotations

import json
import os
from typing import Any

from lmms_eval.protocol import ChatMessages

from panoenv_tasks import load_items
from panoenv_tasks.items import Item
from panoenv_tasks.models.text_only import _TextOnly


class Heights(_TextOnly):
    def reply(self, item: Item) -> str:
        boxes = [(box.name, box.y2) for box in item.boxes]
        if item.category != "distance" or not boxes:
            return "<Answer>No</Answer>"
        if item.question_type == "true_false":
            return f"<Answer>{'Yes' if boxes[0][1] > boxes[-1][1] else 'No'}</Answer>"
        if item.question_type == "open_ended":
            return "<Answer>About 5.0 meters</Answer>"
        pick = min if len(boxes) == 3 else max
        return f"<Answer>{pick(boxes, key=lambda box: box[1])[0]}</Answer>"


class Memory(_TextOnly):
    def generate_until(self, requests: list[Any]) -> list[str]:
        known = _panoramas_by_sight()
        replies = []
        for request in requests:
            _, messages_of, _, doc_id, task, split = request.args
            doc = self.task_dict[task][split][doc_id]
            pictures = ChatMessages(messages=messages_of(doc)).extract_media()[0]
            record = json.loads(doc["record"])
            here = f"{record['environment']}/{record['frame']}"
            recalled = len(pictures) == 1 and known.get(_look(pictures[0])) == here
            replies.append(f"<Answer>{record['answer'] if recalled else 'I have not seen this'}</Answer>")
        return replies


def _panoramas_by_sight() -> dict[bytes, str]:
    from panoenv_tasks.sources.images import open_image

    items = load_items(os.environ["PANOENV_DATA"], "val")
    places = {item.image: item.panorama for item in items if item.image}
    return {_look(open_image(path)): place for path, place in places.items()}


def _look(picture: Any) -> bytes:
    return bytes(picture.reduce(80).tobytes())


def manifests() -> list[Any]:
    from lmms_eval.models.registry_v2 import ModelManifest

    return [
        ModelManifest(model_id="planted_heights", chat_class_path="planted_models.Heights"),
        ModelManifest(model_id="planted_memory", chat_class_path="planted_models.Memory"),
    ]
