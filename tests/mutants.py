"""Planted faults: how many do the tests catch? ``make mutants``, or ``python tests/mutants.py --help``.

Each fault changes one place of one module: a comparison, a number, a sign, a condition, a word of a list,
what a function returns, a call that is left out. The tests of that room then run until one fails, each fault
in a forked process of its own, so that what is heavy to import is imported once. Only committed data is used.

No fault is planted where none can show in a value: in annotations and decorators (frozen records, sizes of
caches), in ``__all__``, in what is raised (the text of an error; whether it is raised, a condition says),
in ``strict=`` of ``zip`` (it guards against our own slips), in what a list is filled with before every place
of it is written (``[0.0] * n``), in the plain number of turns of a loop (``for _ in range(4)``: enough).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import functools
import gc
import importlib.abc
import importlib.machinery
import inspect
import math
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[1]
_ANSWERS = "tests/panoenv_tasks/answers tests/panoenv_tasks/scoring/test_requirements.py"
_ANSWERS += " tests/panoenv_tasks/scoring/test_statements.py tests/panoenv_tasks/scoring/test_frozen.py"
_ANSWERS += " tests/panoenv_tasks/scoring/test_paper.py"
#: The modules of each room, as patterns, and the tests that must see its faults, the quickest first.
ROOMS = {
    "scoring": ("panoenv_tasks/scoring/*.py", _ANSWERS),
    "answers": ("panoenv_tasks/answers/*.py panoenv_tasks/answers/statements/*.py", _ANSWERS),
    "stats": (
        "panoenv_tasks/stats/*.py",
        "tests/panoenv_tasks/test_stats.py tests/panoenv_tasks/test_shown.py",
    ),
    "turning": (
        "panoenv_tasks/geometry/turning.py panoenv_tasks/perturb/yaw.py",
        "tests/panoenv_tasks/geometry tests/panoenv_tasks/perturb/test_yaw.py",
    ),
    "training": (
        "training/rewards.py training/mixing.py",
        "tests/training/test_rewards.py tests/training/test_mixing.py tests/training/test_warm_up.py",
    ),
    "checks": (
        "leaderboard/checks.py",
        "tests/leaderboard/test_thresholds.py tests/leaderboard/test_refusals.py"
        " tests/leaderboard/test_rows.py tests/leaderboard/test_dishonest.py",
    ),
}
#: Faults that change no value, by the line they stand on and what is done there. They are named when they get
#: away, and still count as not caught.
EQUIVALENT = {
    ("lettered = {name[:-1] for name in by_name if len(name) > 1 and name[-1].isupper()}", "Gt turned"): (
        "no name of one sign has a capital"
    ),
    ("while position < len(tokens):", "Lt turned"): "one more round, over no tokens",
    ("for length in range(min(_LONGEST_NAME, len(tokens) - position), 0, -1):", "Sub turned"): (
        "slices end with the list"
    ),
    ("if mention.start > last.start:", "Gt turned"): "the second mention is followed by nothing of itself",
    ("return _metres(_Quantity(first.value, first.unit or unit, False, False))", "False turned"): (
        "only value and unit are read"
    ),
    ("said = {1 if word in self.asked else -1 for word in self.words.findall(text)}", "1 and one more"): (
        "only the sign of it is read"
    ),
    ("correct=grade.value >= CORRECT_FROM,", "GtE turned"): "no reward is 0.99",
    ("if len(values) and len(upper[0]):", "0 and one more"): "both columns are of one length",
    (
        "_COMPOUND_BEFORE = re.compile(rf\"\\b(?:{'|'.join(sorted(_COMPOUND))})[\\s-]*$\")",
        "sorted left out",
    ): ("the order of the words decides nothing before the end"),
}
#: A fault that makes the tests run on for so long is caught: seconds of processor time, and on the clock.
LIMIT_CPU_S, LIMIT_S = 60, 600
#: So is one that fills the memory.
LIMIT_BYTES = 6 * 2**30
#: Imported once, before any fault is planted.
_HEAVY = "pytest hypothesis.strategies numpy scipy.special rapidfuzz.fuzz PIL.Image yaml msgspec"
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


class _Mutator(ast.NodeTransformer):
    """Visits every place that can be changed, and changes the one whose turn it is."""

    def __init__(self, turn: int = -1) -> None:
        self.turn, self.places = turn, []

    def _here(self, node: ast.AST, what: str) -> bool:
        self.places.append(f"{getattr(node, 'lineno', 0)}: {what}")
        return len(self.places) - 1 == self.turn

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        for index, operator in enumerate(node.ops):
            if self._here(node, f"{type(operator).__name__} turned"):
                node.ops[index] = _SWAPS[type(operator)]()
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        if self._here(node, f"{type(node.op).__name__} turned"):
            node.op = _SWAPS[type(node.op)]()
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        text = any(
            isinstance(side, ast.JoinedStr | ast.Constant)
            and not isinstance(getattr(side, "value", ""), int | float)
            for side in (node.left, node.right)
        )
        if isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
            node.right = self.visit(node.right)
            return node
        if type(node.op) in _SWAPS and not text and self._here(node, f"{type(node.op).__name__} turned"):
            node.op = _SWAPS[type(node.op)]()
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, ast.Not | ast.USub) and self._here(node, f"{type(node.op).__name__} left out"):
            return (
                self.generic_visit(node.operand)
                if not isinstance(node.operand, ast.Constant)
                else node.operand
            )
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            if self._here(node, f"{node.value} turned"):
                return ast.copy_location(ast.Constant(not node.value), node)
        elif isinstance(node.value, int | float) and self._here(node, f"{node.value} and one more"):
            return ast.copy_location(ast.Constant(node.value + 1), node)
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        fixed = isinstance(node.iter, ast.Call) and all(isinstance(a, ast.Constant) for a in node.iter.args)
        node.iter = node.iter if fixed else self.visit(node.iter)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        unary = isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords
        if (
            unary
            and node.func.id in ("abs", "round", "sorted")
            and self._here(node, f"{node.func.id} left out")
        ):
            return self.visit(node.args[0])
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._here(node, "condition turned"):
            node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node)
        return self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        # A False is turned already, and None for it is the same to a caller that only asks whether.
        value = node.value.value if isinstance(node.value, ast.Constant) else node.value
        empty = value is None or value is False
        if not empty and self._here(node, "returns None"):
            node.value = ast.copy_location(ast.Constant(None), node)
            return node
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Call) and self._here(node, "call left out"):
            return ast.copy_location(ast.Pass(), node)
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def _words(self, node: ast.Tuple | ast.List | ast.Set) -> ast.AST:
        words = [isinstance(item, ast.Constant) and isinstance(item.value, str) for item in node.elts]
        if len(words) > 1 and all(words) and self._here(node, "last word left out"):
            node.elts.pop()
        return self.generic_visit(node)

    visit_Tuple = visit_List = visit_Set = _words

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        # Annotations and decorators change nothing that a test of values could see.
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = self.visit(node.value) if node.value else None
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in ("Literal", "tuple", "dict", "Mapping"):
            return node
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return node if "__all__" in names else self.generic_visit(node)


def places_of(source: str) -> list[str]:
    """Return every place of a module that can be changed, with its line."""
    mutator = _Mutator()
    mutator.visit(ast.parse(source))
    return mutator.places


def mutated(source: str, turn: int) -> ast.Module:
    """Return the module with one place changed."""
    tree = _Mutator(turn).visit(copy.deepcopy(ast.parse(source)))
    return ast.fix_missing_locations(tree)


class _Planted(importlib.abc.MetaPathFinder):
    """Gives one module's faulty code in place of its file's."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        tree, file = self.tree, str(self.path)

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname):
                return compile(tree, file, "exec")

        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        spec = importlib.machinery.ModuleSpec(name, Loader(name, file), origin=file)
        spec.submodule_search_locations = package
        spec.has_location = True
        return spec


def caught(path: Path | None, turn: int, tests: Sequence[str]) -> bool:
    """Whether the tests fail with the fault in place (None: with none); in a forked process."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if path:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                sys.meta_path.insert(0, _Planted(name, path, mutated(path.read_text("utf-8"), turn)))
            _limit()
            code = _pytest(tests)
        finally:
            os._exit(int(code))
    return os.waitpid(child, 0)[1] != 0


def _pytest(tests: Sequence[str], plugins: Sequence[object] = ()) -> int:
    import pytest

    # pytest-timeout would take the alarm clock that ends a fault that runs on.
    options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=0", "-m", "not slow and not vllm"]
    with open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        return int(pytest.main([*options, *tests], plugins=list(plugins)))


def _limit() -> None:
    signal.alarm(LIMIT_S)
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_CPU_S, LIMIT_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))


class _InPlace:
    """A pytest plugin: collects the tests once, then runs them with each fault in a forked process.

    A faulty function's code takes the place of the one that is loaded, which imported names follow too. What
    runs on import runs again, and its constants take the place of those before. Where that shows no fault it
    proves nothing, as other modules may have made constants of their own from these: see ``caught``.
    """

    def __init__(self, faults: Sequence[Fault], tell: TextIO) -> None:
        self.faults, self.tell = faults, tell
        self.first: dict[Path, list[int]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for index, fault in enumerate(self.faults):
            killers = self.first.setdefault(fault.file, self._own_tests(session, fault.file))
            killer = self._killer(session, fault, killers)
            print(index, killer, file=self.tell, flush=True)
            if isinstance(killer, int):
                killers[:] = [killer, *(other for other in killers if other != killer)]
        return True

    def _own_tests(self, session: pytest.Session, file: Path) -> list[int]:
        return [i for i, item in enumerate(session.items) if file.stem in item.path.stem]

    def _killer(self, session: pytest.Session, fault: Fault, first: Sequence[int]) -> int | str:
        """Return the place of the test that fails, or that all ``passed``, ``limit`` or ``import``."""
        source = fault.file.read_text("utf-8")
        code = compile(mutated(source, fault.turn), str(fault.file), "exec")
        before = compile(ast.parse(source), str(fault.file), "exec")
        imported = _on_import(code) != _on_import(before)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _limit()
                try:
                    _replace(before, code)
                    if imported:
                        _run_again(fault.file, code)
                except Exception:
                    os.write(writing, b"import")
                    os._exit(0)
                likely = dict.fromkeys(first)
                order = [*likely, *(i for i in range(len(session.items)) if i not in likely)]
                items = [session.items[i] for i in order]
                for place, item, following in zip(order, items, [*items[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if session.testsfailed:
                        os.write(writing, str(place).encode())
                        os._exit(0)
                os.write(writing, b"import" if imported else b"passed")
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return int(said) if said.isdigit() else said or "limit"


_RUN_AT_ONCE = ("<genexpr>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>")


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of the functions and methods of a module or class, in the order of the source."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            is_class = "__module__" in constant.co_names and not constant.co_flags & inspect.CO_OPTIMIZED
            yield from _functions(constant) if is_class else (constant,)


def _on_import(code: CodeType) -> tuple[object, ...]:
    """What a module or class does when it is imported, without what its functions do when called."""
    plain = tuple(repr(constant) for constant in code.co_consts if not isinstance(constant, CodeType))
    classes = [
        _on_import(constant)
        for constant in code.co_consts
        if isinstance(constant, CodeType) and not constant.co_flags & inspect.CO_OPTIMIZED
    ]
    immediate = [
        constant
        for constant in code.co_consts
        if isinstance(constant, CodeType) and constant.co_name in _RUN_AT_ONCE
    ]
    return code.co_code, code.co_names, plain, tuple(classes), tuple(immediate)


def _replace(before: CodeType, after: CodeType) -> None:
    """Put the changed functions in the place of those that are loaded, and empty every cache."""
    changed = {
        (old.co_qualname, old.co_firstlineno): new
        for old, new in zip(_functions(before), _functions(after), strict=True)
        if old != new
    }
    places = set()
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == before.co_filename:
            place = (thing.__code__.co_qualname, thing.__code__.co_firstlineno)
            if place in changed:
                thing.__code__ = changed[place]
                places.add(place)
        elif isinstance(thing, functools._lru_cache_wrapper):
            thing.cache_clear()
    # What runs only on import, a comprehension for example, is nowhere to be found.
    missing = [name for name, _ in changed.keys() - places if not name.rpartition(".")[2].startswith("<")]
    if missing:
        raise LookupError(missing)


def _run_again(file: Path, code: CodeType) -> None:
    """Give a loaded module, and those that import them, the constants of changed code; classes stay."""
    loaded = {name: module for name, module in sys.modules.items() if getattr(module, "__file__", None)}
    space = next(vars(module) for module in loaded.values() if module.__file__ == str(file))
    before = dict(space)
    exec(code, space)  # noqa: S102
    for name, value in before.items():
        if isinstance(value, type | FunctionType | functools._lru_cache_wrapper):
            space[name] = value
        elif space[name] is not value:
            for module in loaded.values():
                if name in vars(module) and vars(module)[name] is value:
                    setattr(module, name, space[name])


@dataclass(frozen=True)
class Fault:
    """One place of one module, and what is done there."""

    room: str
    file: Path
    turn: int
    what: str


def survivors(room: str, faults: Sequence[Fault]) -> Iterator[tuple[Fault, bool]]:
    """Yield each fault of a room with whether the tests catch it."""
    tests = ROOMS[room][1].split()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as tell:
                _pytest(tests, [_InPlace(faults, tell)])
        finally:
            os._exit(0)
    os.close(writing)
    told = 0
    with os.fdopen(reading) as pipe:
        for line in pipe:
            index, killer = line.split()
            fault = faults[int(index)]
            yield fault, caught(fault.file, fault.turn, tests) if killer == "import" else killer != "passed"
            told += 1
    os.waitpid(child, 0)
    if told < len(faults):
        sys.exit(f"{room}: its tests could not be run")


def every_fault(rooms: Sequence[str]) -> list[Fault]:
    """Return every fault of these rooms."""
    return [
        Fault(room, file, turn, what)
        for room in rooms
        for pattern in ROOMS[room][0].split()
        for file in sorted(ROOT.glob(pattern))
        for turn, what in enumerate(places_of(file.read_text("utf-8")))
    ]


def _why(fault: Fault) -> str:
    """Return in brackets why a fault changes no value, where that is known."""
    line, _, what = fault.what.partition(": ")
    text = fault.file.read_text("utf-8").splitlines()[int(line) - 1].strip()
    reason = EQUIVALENT.get((text, what))
    return f" (equivalent: {reason})" if reason else ""


def interval(good: int, every: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson (1927), percent."""
    z, share = 1.96, good / every
    middle = (share + z * z / (2 * every)) / (1 + z * z / every)
    half = z / (1 + z * z / every) * math.sqrt(share * (1 - share) / every + z * z / (4 * every**2))
    return 100 * (middle - half), 100 * (middle + half)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", default=list(ROOMS), metavar="ROOM")
    parser.add_argument("-n", "--sample", type=int, default=300, help="faults in all; 0 for every one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-least", type=float, default=92.0, help="percent to catch; less is an error")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    for heavy in _HEAVY.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(heavy)
    started, totals = time.monotonic(), dict.fromkeys(options.rooms, (0, 0))
    for room in options.rooms:
        if caught(None, 0, ROOMS[room][1].split()):
            sys.exit(f"{room}: its tests fail without any fault")
    every = every_fault(options.rooms)
    if 0 < options.sample < len(every):
        every = random.Random(options.seed).sample(every, options.sample)
    every.sort(key=lambda fault: (fault.file, fault.turn))
    for room in options.rooms:
        mine = [fault for fault in every if fault.room == room]
        for fault, found in survivors(room, mine):
            totals[room] = (totals[room][0] + found, totals[room][1] + 1)
            if not found:
                print(f"survived {fault.file.relative_to(ROOT)}:{fault.what}{_why(fault)}", flush=True)
        print(f"{room}: {totals[room][0]} of {totals[room][1]} caught", flush=True)
    good, number = (sum(column) for column in zip(*totals.values(), strict=True))
    share = 100 * good / number
    low, high = interval(good, number)
    print(f"{share:.1f} % of {number} caught ({low:.1f} to {high:.1f}) in {time.monotonic() - started:.0f} s")
    sys.exit(share < options.at_least)


if __name__ == "__main__":
    main()
