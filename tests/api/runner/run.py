"""Runs one script: each command is the method of its name below."""

import base64
import json
import os
import pathlib
import re
import secrets
import subprocess
import tempfile
import time
from urllib.parse import urlsplit

import jmespath

import botocore.session
from botocore.credentials import Credentials

from . import http, server
from .clients import Clients
from .script import ScriptError, parse, substitute

PATIENCE = 40  # seconds until a change is seen everywhere in a real account


class Failed(Exception):
    """What a script expected is not what it saw."""


class Skipped(Exception):
    pass


class Known(Exception):
    """A script that fails for the reason it names: a defect of the server, written down."""


def run_file(path):
    """Raises Failed, ScriptError, Skipped or Known; returns how many expectations held."""
    main, cleanup = parse(pathlib.Path(path).read_text())
    for command in main:
        if command.name == "needs":
            check_needs(command.words[1:])
    defects = [command.words[1] for command in main if command.name == "known"]
    try:
        held = run_commands(path, main, cleanup)
    except Failed:
        if defects:
            raise Known(defects[0]) from None
        raise
    if defects and os.environ.get("GATEHOUSE_TEST_ENDPOINT") != "aws":
        raise Failed(f"it passes now: remove the line `known \"{defects[0]}\"`")
    return held


def run_commands(path, main, cleanup):
    with Script(path) as script:
        try:
            script.run_all(main)
            script.settle()
            script.check_server()
        finally:
            script.run_cleanup(cleanup)
        return script.held


def check_needs(things):
    for thing in things:
        if thing == "gatehouse":
            if os.environ.get("GATEHOUSE_TEST_ENDPOINT") == "aws":
                raise Skipped("it is about Gatehouse alone")
        elif ":" in thing:
            service, operation = thing.split(":")
            model = botocore.session.get_session().get_service_model(service)
            if operation not in model.operation_names:
                raise Skipped(f"this botocore has no {thing}")
        elif not any(os.access(os.path.join(p, thing), os.X_OK) for p in os.get_exec_path()):
            raise Skipped(f"there is no {thing} here")


class Script:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.server = server.start()
        env = self.server.env
        self.clients = Clients(env["endpoint"], self.path.parent)
        self.root = (env["accessKeyId"], env["secretAccessKey"], env.get("sessionToken"))
        self.keys = {"root": self.root, "anonymous": None}
        self.identity = self.root
        self.region_name = env["region"]
        self.variables = {"account": env["account"], "region": env["region"], "endpoint": env["endpoint"],
                          "canonicalId": env.get("canonicalId", ""), "data": self.server.data,
                          "documents": str(server.ROOT / "tests/data/documents"),
                          "unique": secrets.token_hex(4)}
        self.kube_cluster = None
        self.answer = None  # of the last call, raw, wire, kubectl or gatehouse
        self.again = None  # does it once more
        self.unchecked = False  # nobody has yet asked whether it succeeded
        self.held = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    # Running

    def run_all(self, commands):
        for command in commands:
            if command.name == "each":
                self.run_each(command)
            else:
                self.run_one(command)

    def run_each(self, command):
        name, word, *values = [self.put_in(w) for w in command.words[1:]]
        if word != "in":
            raise ScriptError(f"line {command.line}: each NAME in VALUE…")
        for value in values:
            self.variables[name] = value
            try:
                self.run_all(command.body)
            except Failed as failure:
                raise Failed(f"with ${name} = {value!r}: {failure}") from None

    def run_one(self, command):
        name = command.name
        method = getattr(self, "do_" + name.rstrip("!"), None)
        try:
            if method is None:
                raise ScriptError(f"there is no command {name!r}")
            if name != "expect":
                self.settle()
            method([self.put_in(w) for w in command.words[1:]], strict=not name.endswith("!"))
        except (Failed, ScriptError) as error:
            raise type(error)(f"line {command.line}: {' '.join(command.words)[:300]}\n{error}") from None

    def run_cleanup(self, commands):
        """Matters in a real account only; what it cannot remove it leaves."""
        if not self.server.is_aws:
            return
        for command in commands:
            self.identity = self.root
            try:
                self.run_one(command)
                self.unchecked = False
            except Exception:  # noqa: BLE001
                self.unchecked = False

    def put_in(self, word):
        return substitute(word, self.variables)

    def settle(self):
        """A call that nothing was expected of must have succeeded."""
        if self.unchecked:
            self.unchecked = False
            if not 200 <= self.answer["status"] < 300:
                raise Failed(f"the command before was refused\n{self.shown()}")

    def check_server(self):
        if not self.server.alive():
            raise Failed(f"the server ended:\n{self.server.log()}")

    def shown(self):
        return "seen: " + json.dumps(self.answer, indent=1, default=str)[:3000]

    def do(self, work):
        """Runs what an `expect` is about; kept, because a real account takes time to show a change."""
        self.again = work
        self.answer = work()
        self.unchecked = True

    # Who

    def do_as(self, words, strict):
        (name,) = words
        if name not in self.keys:
            raise ScriptError(f"there is no key {name}; there are {', '.join(self.keys)}")
        self.identity = self.keys[name]

    def do_key(self, words, strict):
        """key NAME PATH, or key NAME ID SECRET [TOKEN]"""
        if len(words) == 2:
            found = self.member(words[1])
            if not isinstance(found, dict):
                raise Failed(f"{words[1]} is no credentials\n{self.shown()}")
            values = (found["AccessKeyId"], found["SecretAccessKey"], found.get("SessionToken"))
        else:
            values = (words[1], words[2], words[3] if len(words) > 3 else None)
        self.keys[words[0]] = values

    def do_region(self, words, strict):
        (self.region_name,) = words

    def do_needs(self, words, strict):
        pass  # looked at before the server starts

    def do_known(self, words, strict):
        pass  # looked at where the script ends

    # Variables

    def do_let(self, words, strict):
        """let NAME = VALUE, let NAME = VALUE * TIMES, let NAME = VALUE s PATTERN WITH"""
        name, equals, value, *rest = words
        if equals != "=" or (rest[:1], len(rest)) not in (([], 0), (["*"], 2), (["s"], 3)):
            raise ScriptError("let NAME = VALUE [* TIMES | s PATTERN WITH]")
        if rest and rest[0] == "*":
            value *= int(rest[1])
        elif rest:
            value = re.sub(rest[1], rest[2], value, count=1)
        self.variables[name] = value

    def do_save(self, words, strict):
        name, path = words
        value = self.member(path)
        if value is None:
            raise Failed(f"there is no {path}\n{self.shown()}")
        self.variables[name] = value

    # Doing

    def do_call(self, words, strict):
        service, operation, *given = words
        identity, region = self.identity, self.region_name
        self.do(lambda: self.clients.call(service, operation, given, identity, region, strict))

    def do_raw(self, words, strict):
        """raw METHOD TARGET [service=NAME] ["Header: value"…] [BODY]"""
        method, target, *rest = words
        target = target.removeprefix(self.server.env["endpoint"] or "\0")
        sign, headers, body = None, [], ""
        for word in rest:
            if word.startswith("service="):
                sign = (word[8:], self.region_name, Credentials(*self.identity)) if self.identity else None
            elif re.match(r"[\w-]+: ", word):
                headers.append(tuple(word.split(": ", 1)))
            else:
                body = word
        endpoint = self.server.env["endpoint"]
        if endpoint is None:
            raise ScriptError("`raw` is for a script that `needs gatehouse`")
        encoded = body.encode("utf-8", "surrogateescape")
        self.do(lambda: http.request(endpoint, method, target, headers, encoded, sign))

    def do_presign(self, words, strict):
        """presign NAME SERVICE Operation Key=value…: a URL good for a minute"""
        name, service, operation, *given = words
        self.variables[name] = self.clients.presign(service, operation, given, self.identity, self.region_name)

    def do_jwt(self, words, strict):
        """jwt NAME HEADER PAYLOAD [SIGNATURE]: a token of these parts, the last as it is"""
        name, header, payload, *signature = words
        parts = [base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (header, payload)]
        self.variables[name] = ".".join(parts + (signature or [""]))

    def do_wire(self, words, strict):
        """wire BYTES: lines end with CRLF; \\r \\n \\t \\0 \\\\ and \\xHH stand for bytes."""
        (text,) = words
        data = text.replace("\n", "\\r\\n").encode("utf-8").decode("unicode_escape").encode("latin-1")
        self.do(lambda: http.exchange(self.server.env["endpoint"], data))

    def do_gatehouse(self, words, strict):
        self.do(lambda: ran(self.server.run(words)))

    def do_cluster(self, words, strict):
        """kubectl speaks to this cluster from now on; $kube and $bearer do for `raw`."""
        (name,) = words
        found = self.clients.call("eks", "DescribeCluster", [f"name={name}"], self.root, self.region_name, True)
        if found["status"] != 200:
            raise Failed(f"there is no cluster {name}")
        self.kube_cluster = found["data"]["cluster"]
        self.variables["kube"] = urlsplit(self.kube_cluster["endpoint"]).path
        self.variables["bearer"] = self.clients.cluster_token(name, self.identity, self.region_name)

    def do_kubectl(self, words, strict):
        """As the caller, with the token `aws eks get-token` would make. A heredoc after `-f -` is stdin."""
        if not self.kube_cluster:
            raise ScriptError("`cluster NAME` comes before `kubectl`")
        stdin = words.pop() if words[-3:-1] == ["-f", "-"] else ""
        token = self.clients.cluster_token(self.kube_cluster["name"], self.identity, self.region_name)
        with tempfile.TemporaryDirectory() as home:
            config = pathlib.Path(home, "config")
            config.write_text(json.dumps(kubeconfig(self.kube_cluster, token)))
            env = {"PATH": os.environ["PATH"], "HOME": self.kube_home(), "KUBECONFIG": str(config)}
            self.do(lambda: ran(subprocess.run(["kubectl", *words], input=stdin, text=True, timeout=60,
                                               capture_output=True, env=env)))

    def kube_home(self):
        """kubectl keeps what it discovered about a server here; one for the script, so it asks once."""
        home = os.path.join(getattr(self.server, "scratch", tempfile.gettempdir()), "home")
        os.makedirs(home, exist_ok=True)
        return home

    # Expecting

    def do_expect(self, words, strict):
        if self.answer is None:
            raise ScriptError("nothing was called yet")
        deadline = time.monotonic() + (PATIENCE if self.server.is_aws else 0)
        while True:
            try:
                self.expect(words)
                self.held += 1
                return
            except Failed:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(2)
            self.answer = self.again()

    def expect(self, words):
        if words[0].isdigit():
            self.unchecked = False
            return self.expect_status(int(words[0]), *words[1:])
        if words == ["refused"]:
            self.unchecked = False
            return self.expect_refused()
        if words[0] == "exit":
            self.unchecked = False
            return self.compare(self.answer["exit"], "==", words[1])
        self.settle()
        if words[0] == "header":
            return self.compare(self.answer["headers"].get(words[1].lower()), *words[2:])
        if words[0] in ("body", "output"):
            return self.compare(self.answer[words[0]], *words[1:])
        return self.compare(self.member(words[0]), *words[1:])

    def expect_status(self, status, code="", *messages):
        seen = self.answer
        if seen["status"] != status:
            raise Failed(f"expected status {status}\n{self.shown()}")
        text = seen.get("body") if "body" in seen else seen.get("message", "")
        if code and (code not in text if "body" in seen else code != seen["code"]):
            raise Failed(f"expected error {code}\n{self.shown()}")
        for message in messages:
            if message not in text:
                raise Failed(f"expected in the message: {message}\n{self.shown()}")

    def expect_refused(self):
        """An error of the client's, or the connection closed without a word."""
        if self.answer["status"] not in (0, 501, 505, *range(400, 500)):
            raise Failed(f"expected a refusal\n{self.shown()}")

    def member(self, path):
        """A JMESPath into the answer; into parsed JSON where the answer is a body or an output."""
        if self.answer is None:
            raise ScriptError("nothing was called yet")
        data = self.answer.get("data")
        if data is None:
            try:
                data = json.loads(self.answer.get("body") or self.answer.get("output") or "null")
            except ValueError:
                raise Failed(f"the answer is no JSON\n{self.shown()}") from None
        try:
            return jmespath.search(path, data)
        except jmespath.exceptions.JMESPathError as error:
            raise ScriptError(f"{path}: {error}") from None

    def compare(self, seen, operator, wanted=None):
        as_text = seen if isinstance(seen, str) else json.dumps(seen, default=str)
        if operator in ("==", "!="):
            holds = (as_text == wanted or same_json(seen, wanted)) == (operator == "==")
        elif operator in ("~", "!~"):
            holds = (seen is not None and re.search(wanted, as_text) is not None) == (operator == "~")
        elif operator == "has":
            holds = isinstance(seen, list) and any(wanted == item or same_json(item, wanted) for item in seen)
        elif operator in ("exists", "absent"):
            holds = (seen is not None) == (operator == "exists")
        else:
            raise ScriptError(f"there is no comparison {operator}")
        if not holds:
            raise Failed(f"expected {operator} {wanted if wanted is not None else ''}; it is {as_text}\n{self.shown()}")


def same_json(seen, wanted):
    try:
        return seen is not None and not isinstance(seen, str) and seen == json.loads(wanted)
    except (TypeError, ValueError):
        return False


def kubeconfig(cluster, token):
    """JSON is YAML enough for kubectl."""
    return {"apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {
                "server": cluster["endpoint"],
                "certificate-authority-data": cluster["certificateAuthority"]["data"]}}],
            "users": [{"name": "u", "user": {"token": token} if token else {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}


def ran(process):
    return {"status": 200 if process.returncode == 0 else 0, "exit": process.returncode, "headers": {},
            "output": process.stdout + process.stderr}


__all__ = ["Failed", "Known", "Script", "ScriptError", "Skipped", "run_file"]
