import re
import sys
from pathlib import Path

import pytest
from support.judge_samples import sample_of

from judges.built_in import base_protocol, load_protocol, protocols
from judges.judge_one import JudgeQuestion
from judges.protocol import ModelProtocol, Prompt, counted_score
from judges.records import Status, Verdict
from judges.server import ServedJudge
from judges.store import judge_id, verdict_keys
from panoenv_tasks.items import DataError

# Prompts are part of a protocol's version. Who changes one raises the version, and this hash.
PROMPTS = {
    "qscore/reference@1": "b6c6f34c09d1",
    "pscore/reference@1": "b6c6f34c09d1",
    "qscore/strict@2": "f2cb78b938d6",
    "pscore/strict@2": "f2cb78b938d6",
    "prometheus/absolute@2": "72ced4bd0086",
    "reader@1": "0e0c0780f183",
}
OLD_KEY = "a2724e6bd7faf19d28ca5001bea24f5e460fd518119d11e83f4d6c5a8aa31c39"
JUDGE = ServedJudge(model="judge", root="org/judge", revision="abc", server="0.32.0")


def _model_protocol(name: str, prompt: Path | None = None, max_tokens: int | None = None) -> ModelProtocol:
    protocol = load_protocol(name, prompt, max_tokens)
    assert isinstance(protocol, ModelProtocol)
    return protocol


def _prompt_file(folder: Path, user: str = "$question $reference $answer", system: str = "s") -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"system: {system!r}\nuser: {user!r}\n", encoding="utf-8")
    return path


def _key(protocol: ModelProtocol, judge: ServedJudge, prompt: Prompt, pattern: str | None = None) -> str:
    question = JudgeQuestion(prompt, pattern or protocol.pattern)
    return verdict_keys(protocol, judge, [question])[question]


def test_the_seven_protocols_and_their_prompts() -> None:
    assert set(protocols()) == {"rules@3", *PROMPTS}
    for name, digest in PROMPTS.items():
        assert _model_protocol(name).template.sha256.startswith(digest), f"{name}: raise its version"


def test_no_metric_name_is_shared_by_different_scales() -> None:
    found = {(p.metric, p.scale) for p in protocols().values()}
    assert found == {
        ("q_score", (0, 10)),
        ("p_score", (0, 10)),
        ("p5", (1, 5)),
        ("rules_score", (0, 10)),
        ("acc_read", (0, 1)),
    }


def test_layouts() -> None:
    sample = sample_of("", gold="About 3 meters", question="How far is the crate?", method="distance")
    system, user = _model_protocol("qscore/reference@1").build(sample, "2 m\nmore")
    assert (system.role, user.role) == ("system", "user")
    assert user.content.splitlines()[:5] == [
        "Q: How far is the crate?",
        "Type: open_ended",
        "Reference: About 3 meters",
        "Answer: 2 m",
        "more",
    ]
    plain = _model_protocol("pscore/reference@1").build(sample, "2 m\nmore")
    assert plain == f"{system.content}\n\n{user.content}"
    (only,) = _model_protocol("pscore/strict@2").build(sample, "2 m\nmore")
    assert only.role == "user"
    assert "<answer>2 m more</answer>" in only.content
    (absolute,) = _model_protocol("prometheus/absolute@2").build(sample, "2 m")
    assert "###Reference Answer (Score 5):\nAbout 3 meters\n" in absolute.content
    assert "[RESULT]" in absolute.content


def test_all_prompts_of_a_protocol_begin_alike() -> None:
    for name in ("qscore/strict@2", "pscore/strict@2"):
        protocol = _model_protocol(name)
        one = protocol.build(sample_of("", question="Is A here?"), "x")
        two = protocol.build(sample_of("", question="Was B there?"), "y")
        joined = ["".join(m.content for m in prompt) for prompt in (one, two)]
        shared = next(i for i, (a, b) in enumerate(zip(*joined, strict=False)) if a != b)
        assert shared > 0.9 * len(joined[0]) - 150


def test_a_question_is_not_a_template() -> None:
    sample = sample_of("", question="Is $answer ${reference} $$ here?", gold="$question")
    (message,) = _model_protocol("pscore/strict@2").build(sample, "$type")
    assert "<question>Is $answer ${reference} $$ here?</question>" in message.content
    assert "<answer>$type</answer>" in message.content


def test_half_a_surrogate_pair_can_be_sent() -> None:
    for name in PROMPTS.keys() - {"reader@1"}:
        prompt = _model_protocol(name).build(sample_of(""), "lamp \ud83d")
        str(prompt).encode("utf-8")
        assert "\ud83d" not in repr(prompt).encode("utf-8").decode("utf-8")


def test_long_answers_are_cut_in_strict_only() -> None:
    long = "x" * 5000
    assert str(_model_protocol("qscore/strict@2").build(sample_of(""), long)).count("x" * 2001) == 0
    assert "x" * 5000 in str(_model_protocol("qscore/reference@1").build(sample_of(""), long))


def test_a_prompt_file_is_part_of_the_name(tmp_path: Path) -> None:
    own = _model_protocol("qscore/strict@2", _prompt_file(tmp_path))
    assert own.id == f"qscore/strict@2+prompt.{own.template.sha256[:12]}"
    assert base_protocol(own.id).scale == (0, 10)
    other = _model_protocol("qscore/strict@2", _prompt_file(tmp_path, system="t"))
    assert other.id != own.id
    assert own.build(sample_of(""), "a")[1] == ("user", "Is the crate closer than the barrel? Yes a")


def test_a_prompt_file_may_use_the_rubric(tmp_path: Path) -> None:
    own = _model_protocol("qscore/strict@2", _prompt_file(tmp_path, system="$rubric Cost: $$1"))
    system, _ = own.build(sample_of(""), "a")
    assert isinstance(system, tuple)
    assert system.content.startswith("You grade answers")
    assert system.content.endswith("Cost: $1")


def test_another_length_is_part_of_the_name() -> None:
    assert _model_protocol("qscore/reference@1", max_tokens=64).id == "qscore/reference@1+max_tokens.64"
    assert _model_protocol("qscore/reference@1", max_tokens=2000).id == "qscore/reference@1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("user: $answer $reference", "exactly the keys"),
        ("system: s\nuser: $answer", r"must mention \$reference"),
        ("system: s\nuser: $answer $reference $gold", r"unknown \$gold"),
        ("system: 10 $\nuser: $answer $reference", r"lone \$"),
        ("system: [\n", "not YAML"),
        ("system: 3\nuser: $answer $reference", "must be texts"),
    ],
)
def test_bad_prompt_files(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=complaint) as caught:
        load_protocol("qscore/strict@2", path)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="known are rules@3"):
        load_protocol("qscore")
    with pytest.raises(DataError, match="cannot read"):
        load_protocol("qscore/strict@2", tmp_path / "none.yaml")
    with pytest.raises(DataError, match="asks no model"):
        load_protocol("rules@3", max_tokens=3)
    with pytest.raises(DataError, match="at least 1"):
        load_protocol("qscore/strict@2", max_tokens=0)
    with pytest.raises(DataError, match="unknown judge protocol"):
        base_protocol("mine@1+prompt.0")


def test_a_key_changes_with_everything_that_matters(tmp_path: Path) -> None:
    protocol = _model_protocol("qscore/strict@2")
    prompt = protocol.build(sample_of(""), "a")
    variants = [
        _key(protocol, JUDGE, prompt),
        _key(protocol, JUDGE, protocol.build(sample_of(""), "b")),
        _key(protocol, ServedJudge("judge", "org/other", "abc", "0.32.0"), prompt),
        _key(protocol, ServedJudge("judge", "org/judge", "abd", "0.32.0"), prompt),
        _key(protocol, ServedJudge("alias", "org/judge", "abc", "0.32.0"), prompt),
        _key(_model_protocol("qscore/strict@2", _prompt_file(tmp_path)), JUDGE, prompt),
        _key(_model_protocol("qscore/strict@2", max_tokens=17), JUDGE, prompt),
        _key(_model_protocol("pscore/strict@2"), JUDGE, prompt),
        _key(protocol, JUDGE, prompt, "yes|no"),
    ]
    assert len(set(variants)) == len(variants)
    later = ServedJudge("judge", "org/judge", "abc", "0.33.0")
    assert _key(protocol, later, prompt) == variants[0]
    assert judge_id(protocol, JUDGE).startswith("judge@abc/")
    assert judge_id(protocol, JUDGE) != judge_id(_model_protocol("pscore/strict@2"), JUDGE)


def test_stores_of_earlier_versions_are_still_read() -> None:
    protocol = _model_protocol("qscore/reference@1")
    assert _key(protocol, JUDGE, protocol.build(sample_of(""), "a")) == OLD_KEY


@pytest.mark.parametrize("newest", ["qscore/strict@2", "rules@3", "prometheus/absolute@2"])
def test_a_name_without_version_is_the_newest(newest: str) -> None:
    assert load_protocol(newest.partition("@")[0]).id == newest


def test_a_version_that_was_replaced_is_refused_with_the_way_on() -> None:
    with pytest.raises(
        DataError, match=r"'qscore/strict@1' \(qscore/strict@2 has replaced it; judge again\)"
    ):
        base_protocol("qscore/strict@1+max_tokens.4")


@pytest.mark.parametrize(
    ("name", "status", "score", "counted"),
    [
        ("qscore/strict", "scored", 7, 7),
        ("qscore/strict", "no_answer", None, 0),
        ("qscore/strict", "too_long", None, 0),
        ("qscore/strict", "model_error", None, None),
        ("qscore/strict", "parse_error", None, None),
        ("qscore/strict", "request_error", None, None),
        ("qscore/reference", "parse_error", None, 0),
        ("prometheus/absolute", "no_answer", None, 1),
        ("rules", "no_answer", None, 0),
        ("rules", "model_error", None, None),
    ],
)
def test_what_a_verdict_adds_to_the_published_mean(
    name: str, status: Status, score: float | None, counted: float | None
) -> None:
    assert counted_score(load_protocol(name), Verdict(status, score, "", "x")) == counted


#: Of the released scripts' form, in other words; theirs are not ours to ship.
RELEASED = '''
class Evaluator:
    def _format_scoring_prompt(self, tokenizer, question, model_answer, expected_answer, question_type):
        """Format."""
        system_prompt = """Grade for $5, "carefully"."""
        user_prompt = f"""Asked: {question} ({question_type})
Right: {expected_answer}
Said: {model_answer}
Score {{0-10}}:"""
        return tokenizer.apply_chat_template([system_prompt, user_prompt])
'''


def test_the_published_prompt_is_read_from_a_clone_and_never_run(tmp_path: Path) -> None:
    script = tmp_path / "training" / "evaluation" / "qwenscore.py"
    script.parent.mkdir(parents=True)
    script.write_text("raise SystemExit(3)\n" + RELEASED, encoding="utf-8")
    for path in (tmp_path, script):
        protocol = _model_protocol("qscore/reference", path)
        assert re.fullmatch(r"qscore/reference@1\+prompt\.[0-9a-f]{12}", protocol.id)
        system, user = protocol.build(sample_of("", gold="Yes", question="A $crate?"), "No {x}")
        assert system.content == 'Grade for $5, "carefully".'
        assert user.content == "Asked: A $crate? (true_false)\nRight: Yes\nSaid: No {x}\nScore {0-10}:"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("model_answer}", "secret}"), "unknown field 'secret'"),
        (("{model_answer}", "{open('x')}"), "more than text and fields"),
        (("_format_scoring_prompt", "_other"), "no _format_scoring_prompt"),
        (("class Evaluator:", "class"), "cannot read the released judge script"),
    ],
)
def test_another_script_is_refused(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    (tmp_path / "qwenscore.py").write_text(RELEASED.replace(*change), encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_protocol("qscore/reference", tmp_path / "qwenscore.py")
    with pytest.raises(DataError, match=r"expected training/evaluation/qwenscore\.py"):
        load_protocol("qscore/reference", tmp_path)


#: Of the layout of prometheus-eval 0.1.20, in other words; theirs are not ours to ship.
PROMETHEUS = '''
ABS_SYSTEM_PROMPT = "Be fair for $5."
REL_SYSTEM_PROMPT = "Compare."


ABSOLUTE_PROMPT = """Task: {{feedback}} [RESULT] 1-5 for $3.
Asked: {instruction}
Said: {response}
Right: {reference_answer}
{rubric}
Feedback: """


SCORE_RUBRIC_TEMPLATE = """
[{criteria}]
""".strip()


def get_prompt_template(grading_format, include_reference):
    return ABSOLUTE_PROMPT
'''


@pytest.fixture
def prometheus_eval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution of that name, which must not be imported; returns its prompts.py."""
    package, about = tmp_path / "prometheus_eval", tmp_path / "prometheus_eval-9.8.7.dist-info"
    package.mkdir()
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: prometheus-eval\nVersion: 9.8.7\n")
    (package / "__init__.py").write_text("raise SystemExit(3)\n")
    (package / "prompts.py").write_text("raise SystemExit(4)\n" + PROMETHEUS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return package / "prompts.py"


def test_the_literal_template_comes_from_an_installed_package(prometheus_eval: Path) -> None:
    protocol = _model_protocol("prometheus/absolute", Path("prometheus-eval"))
    assert re.fullmatch(r"prometheus/absolute@2\+prometheus-eval\.9\.8\.7\.[0-9a-f]{12}", protocol.id)
    assert base_protocol(protocol.id).id == "prometheus/absolute@2"
    ours = _model_protocol("prometheus/absolute")
    assert (protocol.sampling, protocol.rescue, protocol.scale) == (ours.sampling, ours.rescue, ours.scale)
    (turn,) = protocol.build(sample_of("", gold="Yes", question="A $crate?"), "No {x} {rubric}")
    assert turn.role == "user"
    assert turn.content.startswith(
        "Be fair for $5.\nTask: {feedback} [RESULT] 1-5 for $3.\n"
        "Asked: Answer this question about a 360-degree panorama: A $crate?\n"
        "Said: No {x} {rubric}\nRight: Yes\n"
        "[Does the response give the same spatial fact as the reference answer?]\nScore 1: "
    )
    assert turn.content.endswith("\nFeedback: ")
    assert turn.content.count("Score 5: It gives the same fact") == 1
    prometheus_eval.write_text(PROMETHEUS.replace("Said:", "Told:"), encoding="utf-8")
    changed = _model_protocol("prometheus/absolute", Path("prometheus-eval")).id
    assert changed.rpartition(".")[0] == protocol.id.rpartition(".")[0]
    assert changed != protocol.id


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("{response}", "{secret}"), "fields instruction, secret, reference_answer, rubric; expected"),
        (("{rubric}", ""), "fields instruction, response, reference_answer; expected"),
        (("{{feedback}}", "{feedback"), "not a template"),
        (("ABSOLUTE_PROMPT =", "OTHER ="), "another version"),
        (('"Be fair for $5."', "open('x').read()"), "another version"),
        (
            ("REL_SYSTEM_PROMPT =", "REL_SYSTEM_PROMPT"),
            r"cannot read the template of prometheus-eval 9\.8\.7",
        ),
    ],
)
def test_a_package_of_another_form_is_refused(
    prometheus_eval: Path, change: tuple[str, str], problem: str
) -> None:
    prometheus_eval.write_text(PROMETHEUS.replace(*change), encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_protocol("prometheus/absolute", Path("prometheus-eval"))


def test_without_the_package_a_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(DataError, match=r"not installed here.*pip install --no-deps prometheus-eval"):
        load_protocol("prometheus/absolute", Path("prometheus-eval"))


def test_the_package_s_template_is_for_its_own_scale(prometheus_eval: Path) -> None:
    with pytest.raises(DataError, match=r"qscore/strict@2: the template of prometheus-eval is for"):
        load_protocol("qscore/strict", Path("prometheus-eval"))
