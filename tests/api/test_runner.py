"""The runner itself, without a server: what it reads, what it sends to a stand-in, and that it can fail."""

import http.server
import threading

import botocore.session
import pytest

from runner import http as raw_http
from runner import run, script
from runner.convert import parameters
from runner.script import Command, ScriptError, parse, split_words, substitute


@pytest.mark.parametrize("text, words", [
    ("call s3 ListBuckets", ["call", "s3", "ListBuckets"]),
    ("  as root   # who", ["as", "root"]),
    ("# only a comment", []),
    ("""let a = 'two words'""", ["let", "a", "=", "two words"]),
    ("""call iam X Doc='{"a": "b # c"}'""", ["call", "iam", "X", 'Doc={"a": "b # c"}']),
    (r'''expect 400 Code "say \"no\" \\ twice"''', ["expect", "400", "Code", r'say "no" \ twice']),
    ("key#1 ''", ["key#1", ""]),
])
def test_words(text, words):
    assert split_words(text) == words


def test_an_open_quote_names_its_line():
    with pytest.raises(ScriptError, match="line 2: a quote is not closed"):
        parse("as root\nlet a = 'x\n")


def test_heredocs_blocks_and_cleanup():
    main, cleanup = parse(
        "let doc = <<EOF\n"
        "   {\n"
        "     # kept\n"
        "   }\n"
        "EOF\n"
        "each x in 1 2\n"
        "  call s3 A B=$x \\\n"
        "    C=2\n"
        "end\n"
        "cleanup\n"
        "call s3 D\n")
    assert main[0] == Command(1, ["let", "doc", "=", "{\n  # kept\n}"])
    assert main[1].words == ["each", "x", "in", "1", "2"]
    assert [inner.words for inner in main[1].body] == [["call", "s3", "A", "B=$x", "C=2"]]
    assert [command.words for command in cleanup] == [["call", "s3", "D"]]


@pytest.mark.parametrize("text, why", [
    ("let a = <<EOF\nx\n", "<<EOF is not closed"), ("end", "`end` without"), ("each x in 1\n", "without `end`")])
def test_what_does_not_parse(text, why):
    with pytest.raises(ScriptError, match=why):
        parse(text)


def test_substitution():
    variables = {"a": "1", "bucket": "b"}
    assert substitute("$a-${bucket}x $$a ${aws:username}", variables) == "1-bx $a ${aws:username}"
    with pytest.raises(ScriptError, match="no variable"):
        substitute("$c", variables)


def shape(service, operation):
    return botocore.session.Session().get_service_model(service).operation_model(operation).input_shape


def test_parameters_are_typed_by_the_model(tmp_path):
    (tmp_path / "doc.json").write_text("{}")
    typed = parameters(shape("iam", "CreateRole"), [
        "RoleName=r", "MaxSessionDuration=3600", "AssumeRolePolicyDocument=@doc.json",
        'Tags=[{"Key": "a", "Value": "1"}]'], tmp_path, True)
    assert typed == {"RoleName": "r", "MaxSessionDuration": 3600, "AssumeRolePolicyDocument": "{}",
                     "Tags": [{"Key": "a", "Value": "1"}]}
    typed = parameters(shape("eks", "CreateCluster"), [
        "name=c", "resourcesVpcConfig.subnetIds.0=a", "resourcesVpcConfig.subnetIds.1=b",
        "resourcesVpcConfig.endpointPublicAccess=true"], tmp_path, True)
    assert typed["resourcesVpcConfig"] == {"subnetIds": ["a", "b"], "endpointPublicAccess": True}


def test_a_member_that_does_not_exist_is_a_mistake_unless_asked_for():
    with pytest.raises(ScriptError, match="no member RoleNmae"):
        parameters(shape("iam", "GetRole"), ["RoleNmae=r"], ".", True)
    assert parameters(shape("iam", "GetRole"), ["RoleNmae=r"], ".", False) == {"RoleNmae": "r"}


class Bare(run.Script):
    """A script with an answer and no server."""

    def __init__(self, answer):
        self.answer, self.unchecked, self.held, self.variables = answer, True, 0, {}
        self.kube_cluster = None
        self.server = type("Server", (), {"is_aws": False})()


def outcome(words, **answer):
    script_ = Bare({"status": 200, "code": "", "message": "", "headers": {}, "data": {}, **answer})
    try:
        script_.run_one(Command(1, ["expect", *words]))
        return True
    except run.Failed:
        return False


@pytest.mark.parametrize("words, answer, holds", [
    (["200"], {}, True),
    (["204"], {}, False),
    (["404", "NoSuchEntity"], {"status": 404, "code": "NoSuchEntity"}, True),
    (["404", "NoSuch"], {"status": 404, "code": "NoSuchEntity"}, False),
    (["403", "AccessDenied", "is not"], {"status": 403, "code": "AccessDenied", "message": "x is not y"}, True),
    (["403", "AccessDenied", "is so"], {"status": 403, "code": "AccessDenied", "message": "x is not y"}, False),
    (["A.B", "==", "1"], {"data": {"A": {"B": 1}}}, True),
    (["A.B", "==", "1"], {"data": {"A": {"B": "1"}}}, True),
    (["A.B", "==", "2"], {"data": {"A": {"B": 1}}}, False),
    (["A", "==", "[]"], {"data": {"A": []}}, True),
    (["A.B", "==", ""], {"data": {"A": {}}}, False),
    (["A", "absent"], {}, True),
    (["A", "exists"], {}, False),
    (["A", "~", "^a+$"], {"data": {"A": "aaa"}}, True),
    (["A", "~", "^a+$"], {}, False),
    (["A", "!~", "b"], {"data": {"A": "aaa"}}, True),
    (["A[].N", "has", "x"], {"data": {"A": [{"N": "w"}, {"N": "x"}]}}, True),
    (["A[].N", "has", "y"], {"data": {"A": [{"N": "w"}, {"N": "x"}]}}, False),
    (["header", "ETag", "==", "e"], {"headers": {"etag": "e"}}, True),
    (["body", "~", "c"], {"body": "abc"}, True),
    (["exit", "1"], {"exit": 1, "status": 0}, True),
    (["exit", "0"], {"exit": 1, "status": 0}, False),
])
def test_expectations_hold_and_fail(words, answer, holds):
    assert outcome(words, **answer) is holds


def test_a_refused_call_fails_unless_it_was_expected():
    answer = {"status": 403, "code": "AccessDenied", "message": "", "headers": {}, "data": {}}
    with pytest.raises(run.Failed, match="was refused"):
        Bare(answer).run_one(Command(1, ["let", "a", "=", "b"]))
    with pytest.raises(run.Failed, match="was refused"):
        Bare(answer).run_one(Command(1, ["expect", "A", "absent"]))
    expected = Bare(answer)
    expected.run_one(Command(1, ["expect", "403"]))
    expected.run_one(Command(2, ["let", "a", "=", "b"]))
    assert expected.variables == {"a": "b"}


def test_unknown_commands_and_comparisons():
    with pytest.raises(ScriptError, match="no command"):
        Bare({}).run_one(Command(1, ["sleep", "1"]))
    with pytest.raises(ScriptError, match="no comparison"):
        outcome(["A", "=~", "b"])


def test_each_runs_its_block_with_every_value():
    bare = Bare(None)
    bare.unchecked = False
    main, _ = parse("let all = ''\neach x in a b c\n  let all = $all$x\nend\n")
    bare.run_all(main)
    assert bare.variables["all"] == "abc"


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = f"{self.command} {self.path}\n{self.headers}{body.decode()}".encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def echo():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_raw_requests(echo):
    from botocore.credentials import Credentials

    seen = raw_http.request(echo, "PUT", "/a%2Fb?c=%", [("X-Odd", "1")], b"body")
    assert seen["status"] == 201
    assert seen["body"].startswith("PUT /a%2Fb?c=%\n") and "X-Odd: 1" in seen["body"]
    assert "Authorization" not in seen["body"] and seen["body"].endswith("body")
    seen = raw_http.request(echo, "PUT", "/x", [], b"", ("sts", "us-east-1", Credentials("AKID", "secret")))
    assert "Credential=AKID/" in seen["body"] and "/us-east-1/sts/aws4_request" in seen["body"]


def test_bytes_on_the_wire(echo):
    assert raw_http.exchange(echo, b"PUT / HTTP/1.1\r\nHost: x\r\n\r\n")["status"] == 201
    assert raw_http.exchange(echo, b"garbage\r\n\r\n")["status"] in (0, 400)


def test_what_a_script_needs(monkeypatch):
    monkeypatch.setenv("GATEHOUSE_TEST_ENDPOINT", "aws")
    with pytest.raises(run.Skipped):
        run.check_needs(["gatehouse"])
    with pytest.raises(run.Skipped):
        run.check_needs(["no-such-program"])
    monkeypatch.delenv("GATEHOUSE_TEST_ENDPOINT")
    run.check_needs(["gatehouse", "sh"])


def test_the_readme_knows_every_command():
    readme = (run.server.ROOT / "tests/api/README.md").read_text()
    for name in dir(run.Script):
        if name.startswith("do_"):
            assert f"`{name[3:]}" in readme, name
    assert script.HEREDOC.search("<<EOF")
