"""The AWS CLIs of this machine."""

import os
import re
import subprocess


def found_clis():
    """A path for each version on PATH; a CLI before 1.29 or 2.13 knows no AWS_ENDPOINT_URL."""
    found = {}
    for folder in os.environ["PATH"].split(":"):
        path = os.path.join(folder, "aws")
        if os.access(path, os.X_OK):
            asked = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            said = re.match(r"aws-cli/(\S+)", asked.stdout)
            if said:
                found.setdefault(said[1], path)
    return found
