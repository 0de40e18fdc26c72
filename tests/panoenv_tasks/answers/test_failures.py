"""Why nothing was read: several things were said, or a bound ("ambiguous"), or nothing known ("unparsed")."""

from __future__ import annotations

import pytest
from support.answers import CLOSER, COUNT, DISTANCE, FARTHEST, LAMPS, RELATION, TRUTH, VIEW

from panoenv_tasks.answers.reading import read

SEVERAL = {
    (
        "yes_no",
        TRUTH,
    ): "Yes. It is not.|No. It is.|Yes, because it is not|"
    "Yes or No|Yes, no|Yes/No|Yes. No.|Yes... no|No, because yes|Yes, wait, no|Neither yes nor no"
    "|Yes, it is false|Yes? No?|Yes; no|(A) Yes (B) No|No. Yes, it is.|Yes, but actually no",
    (
        "mcq",
        CLOSER,
    ): "the crate or the barrel|crate, barrel|crate/barrel|crate & barrel|crate - barrel|crate + barrel"
    "|both the crate and the barrel|either the crate or the barrel|the crate and/or the barrel"
    "|the crate is closer. No, the barrel|The crate is closer. The barrel is closer."
    "|the crate, maybe the barrel|the crate object or the barrel object",
    ("mcq", LAMPS): "the lamp|Lamp|the lamp is closer|lamp A or lamp B|lamp A, lamp B",
    ("mcq", FARTHEST): "lamp A or the crate|lamp A and the crate are farther than the cone",
    ("mcq", VIEW): "front/back/left|front-left|front and left|Front or Left|front, left",
    (
        "distance",
        DISTANCE,
    ): "5 or 6 m|5-6 m|5 to 6 m|5 m, 6 m|between 4 and 6 m|5 m and 2 m|5 m (or 8 m)|5 m (20 ft)"
    "|at least 5 m|at most 5 m|more than 5 m|less than 5 m|up to 5 m|over 5 m|under 5 m|above 5 m|below 5 m"
    "|beyond 5 m|within 5 m|max 5 m|min 5 m|> 5 m|≥5 m|<5m|≤ 5 m|5+ m|5 m or more|5 m and up|5 m or less"
    "|no more than 5 m|5 m ± 80 cm|5 m = 10 m|5 m. It is 8 m away.",
    (
        "counting",
        COUNT,
    ): "2 or 3|2-3|2 to 3|2, 3|2 and 3|two (3)|either 2 or 3|between 1 and 2|2 + 2|at least 2|up to 2"
    "|more than 2|fewer than 2|2+|2 or more|2 or less|a couple or more|2 views. 3 views.",
    (
        "spatial",
        RELATION,
    ): "at the same position, above|behind and in front|behind and in front, above and below",
}
NOTHING = {
    ("yes_no", TRUTH): "maybe|Yes?|not Yes|No idea|No answer|the crate|yes if it is near|yes, perhaps|5",
    (
        "mcq",
        CLOSER,
    ): "none|not the crate|the crate?|maybe the crate|the box|Crate B|anything but the crate|A|5",
    ("mcq", LAMPS): "Lamp C|A|the crate|not lamp A|I cannot tell lamp A from it",
    ("mcq", FARTHEST): "Lamp B|lamp A is nearest|the crate is closest|lamp A is not the farthest",
    ("mcq", VIEW): "not front|sideways|opposite the front",
    (
        "distance",
        DISTANCE,
    ): "far|not 5 m|anything but 5 m|5 parsecs|5 degrees|-5 m|minus 5 m|twice 5 m|5 m?|5%|5 m/s"
    "|5 m is wrong|5 m, because it cannot be determined|maybe 5 m|5.5.5|5,5 m|five times",
    (
        "counting",
        COUNT,
    ): "many|not 2|2.5|1/2|2nd|-2|2%|2 pixels|2?|maybe 2|2 is wrong|front|front, left, right (2)|2 out of 1"
    "|2, because it cannot be determined",
    ("spatial", RELATION): "near|not behind|behind or above|behind?|maybe behind|somewhere|5 m",
}


@pytest.mark.parametrize(
    ("status", "method", "question", "text"),
    [
        (status, method, question, text)
        for status, said in (("ambiguous", SEVERAL), ("unparsed", NOTHING))
        for (method, question), texts in said.items()
        for text in texts.split("|")
    ],
)
def test_why(status, method, question, text):
    found = read(method, question, f"<Answer>{text}</Answer>")
    assert (found.status, found.value, found.text) == (status, None, text)
