"""Reports to `stillframe consumers` how each test ended, and which files it opened; loaded by `-p`, for pytest 7 to 9.

It needs nothing but the standard library. `STILLFRAME_PYTEST` names a JSON file with what is asked; what it finds is written as
lines of JSON, each in one write, so that nothing is lost when the process dies.
"""

import datetime
import decimal
import enum
import faulthandler
import fractions
import hashlib
import json
import os
import pathlib
import re
import signal
import sys
import threading
import uuid

import pytest

# Longer texts stand as their beginning and a hash.
LONGEST = 100
# Seconds that a test has at most to end by itself after its timeout, before the process is ended.
GRACE = 5


class Asked:
    """What the runner asks for, and where it wants the answers."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            asked = json.load(file)
        self.root = asked["root"]
        self.tests = None if asked["tests"] is None else set(asked["tests"])
        self.seed = asked["seed"]
        self.timeout = asked["timeout"]
        self.canary = asked["canary"]
        self.traceback = open(asked["traceback"], "w", encoding="utf-8")
        self.roots = sorted({self.root, os.path.realpath(self.root)}, key=len, reverse=True)
        self.report = Lines(asked["report"])

    def files(self):
        """The files of the tests that are asked for, as the names of their tests begin."""
        return None if self.tests is None else {test.split("::")[0] for test in self.tests}


class Lines:
    """A file of JSON lines. The functions that write are kept, as a test may replace those of `os`."""

    def __init__(self, path):
        self.path = path
        self.process = os.getpid()
        self.open, self.write_bytes, self.getpid = os.open, os.write, os.getpid
        self.file = self.reopen()

    def reopen(self):
        return self.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)

    def add(self, kind, **values):
        if self.getpid() != self.process:
            return  # A child that a test has forked.
        text = json.dumps({"kind": kind, **values}, ensure_ascii=False)
        line = text.encode("utf-8", "replace") + b"\n"
        try:
            self.write_bytes(self.file, line)
        except OSError:
            # A test has closed it.
            self.file = self.reopen()
            self.write_bytes(self.file, line)


# ---------------------------------------------------------------------------------------------- names


class Names:
    """The names of tests: by what they run on where that can be told, else by pytest's own ids."""

    def __init__(self, roots):
        self.roots = roots
        self.by_item = {}

    def give(self, items):
        taken = {}
        for item in items:
            if item in self.by_item:
                continue
            name = self.name(item)
            count = taken[name] = taken.get(name, 0) + 1
            if count > 1:
                name = f"{name[:-1]}#{count}]" if name.endswith("]") else f"{name}#{count}"
            self.by_item[item] = name

    def of(self, item):
        if item not in self.by_item:
            self.give([item])
        return self.by_item[item]

    def name(self, item):
        call = getattr(item, "callspec", None)
        whole = f"[{call.id}]" if call is not None else ""
        if not call or not call.params or not item.nodeid.endswith(whole):
            return self.without_root(item.nodeid)
        function = item.nodeid[: len(item.nodeid) - len(whole)]
        texts = {argument: self.text(value) for argument, value in call.params.items()}
        if None not in texts.values():
            parameters = "-".join(texts.values())
        else:
            parameters = with_texts(call.id, texts)
        return self.without_root(f"{function}[{parameters}]")

    def without_root(self, text):
        for root in self.roots:
            text = text.replace(root + os.sep, "")
        # Names stand in lines, in variables and in JSON.
        text = CONTROL.sub(lambda found: repr(found.group())[1:-1], text)
        return text.encode("utf-8", "backslashreplace").decode()

    def without_root_in_lines(self, text):
        return "\n".join(self.without_root(line) for line in text.splitlines())

    def text(self, value):
        """What a value is, as text; None where that cannot be told."""
        text = self.content(value, 0)
        if text is None or ADDRESS.search(text):
            return None
        text = self.without_root(text)
        if len(text) > LONGEST:
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4)
            text = f"{text[: LONGEST // 2]}…{digest.hexdigest()}"
        return text

    def content(self, value, depth):
        if depth > 8:
            return None
        if isinstance(value, enum.Enum):
            return str(value)
        if isinstance(value, str):
            return value if depth == 0 else repr(value)
        if value is None or isinstance(value, PLAIN):
            return repr(value)
        if isinstance(value, os.PathLike) or isinstance(value, AS_WRITTEN):
            return str(value)
        if isinstance(value, re.Pattern):
            return value.pattern if isinstance(value.pattern, str) else repr(value.pattern)
        if isinstance(value, (list, tuple)):
            parts = [self.content(one, depth + 1) for one in value]
            return joined("()" if isinstance(value, tuple) else "[]", parts)
        if isinstance(value, (set, frozenset)):
            # The order of a set changes with each process.
            parts = [self.content(one, depth + 1) for one in value]
            return joined("{}", parts if None in parts else sorted(parts))
        if isinstance(value, dict):
            keys = [self.content(one, depth + 1) for one in value]
            values = [self.content(one, depth + 1) for one in value.values()]
            if None in keys or None in values:
                return None
            return joined("{}", [f"{key}: {one}" for key, one in zip(keys, values)])
        if isinstance(value, type) or callable(value):
            name = getattr(value, "__qualname__", "<")
            return None if "<" in name else name
        if type(value).__repr__ is object.__repr__:
            return None
        try:
            return repr(value)
        except Exception:
            return None


PLAIN = (bool, int, float, complex, bytes, range)
AS_WRITTEN = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    decimal.Decimal,
    fractions.Fraction,
    uuid.UUID,
)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# A place in memory, and the `id` of a mock.
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{5,}|\bid='\d{6,}'")


def has_no_parameters(item):
    call = getattr(item, "callspec", None)
    values = call.params.values() if call is not None else ()
    return any(type(value).__name__ == "NotSetType" for value in values)


def joined(brackets, parts):
    return None if None in parts else brackets[0] + ", ".join(parts) + brackets[1]


def with_texts(name, texts):
    """An id of pytest, with texts in the place of positions: `path0-setup1` becomes `a/b.json-setup`.

    Where some text tells the tests apart, a position would only make the name move when another test goes.
    """
    if all(text is None for text in texts.values()):
        return name
    for argument, text in texts.items():
        position = re.compile(rf"(?:(?<=^)|(?<=-)){re.escape(argument)}\d+(?=-|$)")
        text = argument if text is None else text
        name = position.sub(lambda _: text, name, count=1)
    return name


# ------------------------------------------------------------------------------------------- messages


def message_of(excinfo, roots):
    """The first lines of a failure: the exception, where it was raised, and what caused it."""
    lines, seen = [], set()
    error = excinfo.value
    while error is not None and id(error) not in seen and len(seen) < 5:
        seen.add(id(error))
        lines.append(("caused by " if len(seen) > 1 else "") + described(error))
        place = raised_at(error, roots)
        if place and len(seen) == 1:
            lines.append(place)
        for part in getattr(error, "exceptions", ())[:3]:
            lines.append("with " + described(part))
        if error.__cause__ is not None:
            error = error.__cause__
        else:
            error = None if error.__suppress_context__ else error.__context__
    text = "\n".join(lines)
    for root in roots:
        text = text.replace(root + os.sep, "")
    return text


def described(error):
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", __name__):
        name = f"{kind.__module__}.{name}"
    try:
        text = str(error)
    except Exception:
        text = "its message cannot be shown"
    lines = [line for line in text.splitlines() if line.strip()][:5]
    return f"{name}: " + "\n".join(lines) if lines else name


def raised_at(error, roots):
    """The last line of the suite's own that the error came through, else its very last."""
    own, last, trace = None, None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        last = f"{file}:{trace.tb_lineno}"
        if file.startswith(tuple(root + os.sep for root in roots)):
            own = last
        trace = trace.tb_next
    return own or last


# ---------------------------------------------------------------------------------------------- limits


class TookTooLong(BaseException):
    """Not an Exception, so that a test does not catch it."""


class Limit:
    """Ends what takes too long: by an exception where the test can be interrupted, else with the process."""

    def __init__(self, asked):
        self.asked = asked
        self.armed = False
        self.fired = False
        self.can_interrupt = (
            hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        )

    def arm(self):
        """For something that cannot be interrupted: collection, the end of the session."""
        try:
            faulthandler.dump_traceback_later(
                self.asked.timeout + min(GRACE, self.asked.timeout),
                exit=True,
                file=self.asked.traceback,
            )
        except (ValueError, RuntimeError, OSError):
            pass  # A test closed the file; the runner's own limit holds.

    def begin(self):
        self.fired = False
        self.arm()
        if self.can_interrupt:
            self.before = signal.signal(signal.SIGALRM, self.interrupt)
            # Again and again, should the test catch even this.
            signal.setitimer(signal.ITIMER_REAL, self.asked.timeout, 1)
            self.armed = True

    def end(self):
        if self.armed:
            self.armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            if signal.getsignal(signal.SIGALRM) == self.interrupt:
                signal.signal(signal.SIGALRM, self.before or signal.SIG_DFL)

    def interrupt(self, _signal, _frame):
        if self.armed:
            self.fired = True
            raise TookTooLong(f"it took longer than {self.asked.timeout} s")


# --------------------------------------------------------------------------------------------- watching


class Watcher:
    """Sees which files are opened and which folders are listed, by Python itself."""

    # Their own frames do not tell who lists a folder.
    LIBRARY = {"os", "pathlib", "glob", "posixpath", "ntpath", "genericpath", "fnmatch", "shutil", "importlib"}

    def __init__(self, asked):
        self.asked = asked
        self.session = set()
        self.modules = {}
        self.tests = {}
        self.fixtures = {}
        self.users = {}
        # Where what is opened now belongs; the last one counts.
        self.stack = [self.session]
        sys.addaudithook(self.hear)
        self.works = self.sees_canary()

    def sees_canary(self):
        seen = set()
        self.stack.append(seen)
        folder = os.path.dirname(self.asked.canary)
        roots, self.asked.roots = self.asked.roots, [folder]
        with open(self.asked.canary, "rb"):
            pass
        os.listdir(folder)
        self.asked.roots = roots
        self.stack.pop()
        return seen == {os.path.basename(self.asked.canary), "."}

    def hear(self, event, arguments):
        if event not in ("open", "os.listdir", "os.scandir", "sqlite3.connect"):
            return
        try:
            self.note(arguments[0], is_listing=event.startswith("os."))
        except Exception:
            pass  # Whoever opens something must not fail of being watched.

    def note(self, path, is_listing):
        if path is None:
            path = "."
        if isinstance(path, int):
            return
        path = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))
        path = self.below_root(path)
        if path is None or path.endswith(".pyc"):
            return
        if is_listing and lists_for_itself(self.LIBRARY):
            return
        self.stack[-1].add(path)

    def below_root(self, path):
        for root in self.asked.roots:
            if path == root:
                return "."
            if path.startswith(root + os.sep):
                return path[len(root) + 1 :]
        return None

    def report(self, tests):
        """Writes who opened what; `tests` are the names by item."""
        add = self.asked.report.add
        add("opened", by="session", paths=sorted(self.session))
        for module, paths in self.modules.items():
            add("opened", by="module", module=module, paths=sorted(paths))
        for fixture, paths in self.fixtures.items():
            users = {name for item, name in tests.items() if depends_on(item, fixture)}
            add(
                "opened",
                by="tests",
                tests=sorted(users | self.users[fixture]),
                paths=sorted(paths),
            )
        for test, paths in self.tests.items():
            add("opened", by="tests", tests=[test], paths=sorted(paths))


def depends_on(item, fixture):
    name, base = fixture
    return name in getattr(item, "fixturenames", ()) and item.nodeid.startswith(base)


def lists_for_itself(library):
    """Whether pytest looks for tests, or Python for modules: neither reads fixtures."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        file = frame.f_code.co_filename
        if frame.f_code is Watcher.sees_canary.__code__:
            return False
        if file.startswith("<frozen importlib") or name.startswith("_pytest."):
            return True
        if file != __file__ and name.split(".")[0] not in library:
            return False
        frame = frame.f_back
    return False


# ----------------------------------------------------------------------------------------------- hooks


class Plugin:
    """The hooks."""

    def __init__(self, asked, watcher):
        self.asked = asked
        self.files = asked.files()
        self.names = Names(asked.roots)
        self.limit = Limit(asked)
        self.watcher = watcher
        self.listed = {}
        self.by_id = {}
        self.limit.arm()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config):
        # Tests that run in other processes, or again after a failure, could not be told apart.
        for option, value in (("numprocesses", None), ("dist", "no"), ("tx", []), ("reruns", 0)):
            if hasattr(config.option, option):
                setattr(config.option, option, value)
        yield

    # What is collected

    def pytest_ignore_collect(self, collection_path, config):
        # Modules without a test that is asked for are not even imported.
        if self.files is None or not collection_path.is_file():
            return None
        if collection_path.name in ("__init__.py", "conftest.py"):
            return None
        try:
            name = collection_path.relative_to(config.rootpath).as_posix()
        except ValueError:
            return None
        return None if name in self.files else True

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector):
        if self.watcher is None or not isinstance(collector, pytest.File):
            yield
            return
        module = self.names.without_root(collector.nodeid.split("::")[0])
        self.watcher.stack.append(self.watcher.modules.setdefault(module, set()))
        yield
        self.watcher.stack.pop()

    def pytest_collectreport(self, report):
        if report.failed:
            text = self.names.without_root_in_lines(str(report.longrepr))
            # Python's own words come last.
            lines = [line for line in text.splitlines() if line.strip()]
            words = [line[1:].strip() for line in lines if line.startswith("E ")] or lines[-10:]
            self.asked.report.add("not-collected", file=report.nodeid, text="\n".join(words[:10]))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config, items):
        yield
        # What stands for a function whose list of parameters is empty is not a test.
        items[:] = [item for item in items if not has_no_parameters(item)]
        self.names.give(items)
        names = self.names.by_item
        self.listed = {item: names[item] for item in items}
        self.by_id = {item.nodeid: names[item] for item in items}
        self.asked.report.add("listed", tests=[names[item] for item in items])
        if self.asked.tests is not None:
            rest = [item for item in items if names[item] not in self.asked.tests]
            items[:] = [item for item in items if names[item] in self.asked.tests]
            if rest:
                config.hook.pytest_deselected(items=rest)
        if self.asked.seed is not None:
            items.sort(key=self.shuffled)
        self.asked.report.add("planned", tests=[names[item] for item in items])

    def shuffled(self, item):
        """Modules stay together, so that what they prepare is prepared once."""
        name = self.names.of(item)

        def place(text):
            text = f"{self.asked.seed} {text}".encode("utf-8", "surrogatepass")
            return hashlib.blake2b(text, digest_size=8).digest()

        return place(name.split("::")[0]), place(name)

    # What is run

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        name = self.names.of(item)
        os.environ["STILLFRAME_TEST"] = name
        self.asked.report.add("begun", test=name)
        if self.watcher is not None:
            self.watcher.stack.append(self.watcher.tests.setdefault(name, set()))
        yield
        if self.watcher is not None:
            self.watcher.stack.pop()
        os.environ.pop("STILLFRAME_TEST", None)
        self.limit.arm()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self):
        yield from self.limited()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self):
        yield from self.limited()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self):
        yield from self.limited()

    def limited(self):
        self.limit.begin()
        yield
        self.limit.end()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef, request):
        if self.watcher is None or fixturedef.scope == "function":
            yield
            return
        watcher, key = self.watcher, (fixturedef.argname, fixturedef.baseid or "")
        own = watcher.fixtures.setdefault(key, set())
        # One that asks for it while it runs is not seen to depend on it otherwise.
        users = watcher.users.setdefault(key, set())
        test = os.environ.get("STILLFRAME_TEST")
        if test:
            users.add(test)
        before = watcher.stack[-1]
        watcher.stack.append(own)
        yield
        watcher.stack.pop()
        before.update(own)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        result = yield
        report = result.get_result()
        report.stillframe_test = self.names.of(item)
        report.stillframe_timed_out = report.failed and self.limit.fired
        if report.failed and call.excinfo is not None:
            report.stillframe_message = message_of(call.excinfo, self.asked.roots)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        test = getattr(report, "stillframe_test", None) or self.by_id.get(report.nodeid)
        if test is None:
            return
        outcome, message = report.outcome, ""
        if report.failed:
            message = getattr(report, "stillframe_message", None)
            message = message or self.names.without_root_in_lines(str(report.longrepr))
        if getattr(report, "stillframe_timed_out", False):
            outcome = "timed-out"
        self.asked.report.add(
            "phase",
            test=test,
            phase=report.when,
            outcome=outcome,
            message=message,
            seconds=getattr(report, "duration", 0.0),
        )

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self):
        yield
        if self.watcher is not None:
            self.watcher.stack = [set()]
            self.watcher.report(self.listed)
            self.asked.report.add("watched", works=self.watcher.works)
        self.asked.report.add("finished")
        self.limit.arm()


_path = os.environ.pop("STILLFRAME_PYTEST", None)


def pytest_addoption(pluginmanager):
    """The first hook that is called: nothing of the suite has been imported."""
    global _path
    if _path is not None:
        asked, _path = Asked(_path), None
        watcher = Watcher(asked) if asked.canary else None
        pluginmanager.register(Plugin(asked, watcher), "stillframe")
