"""wire_echo as an object: the codec under test, a job a line."""

import base64
import json
import os
import subprocess


class Echo:
    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["WIRE_ECHO"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def read(self, service, method, target, headers, body):
        fields = [[name.lower(), value] for name, value in headers]
        return self.ask(
            do="read", service=service, method=method, target=target, headers=fields,
            body=base64.b64encode(body).decode(),
        )

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
