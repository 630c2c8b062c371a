"""Decodes events and accounts of Joule's programs by their IDLs. Needs nothing but Python 3.9 and the four JSON files.

    curl -s "$URL" -H 'content-type: application/json' -d '{"jsonrpc": "2.0", "id": 1, "method": "getTransaction",
        "params": ["'"$SIGNATURE"'", {"encoding": "json", "maxSupportedTransactionVersion": 1}]}' | python3 joule_idl.py

prints the events of a transaction, one JSON object a line. It reads an answer of `getTransaction`, or a list of log lines.
"""

import base64
import json
import pathlib
import re
import sys

PROGRAMS = ("bme", "stake", "escrow", "identity")
STEP = re.compile(r"Program (\w+) (invoke|success|failed)")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class LogTruncated(Exception):
    """The runtime cut the log off: events may be missing. Read the accounts instead."""


def base58(data):
    """An address as text."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


class Program:
    """One program, by its IDL."""

    def __init__(self, idl):
        program = idl["program"]
        self.name = program["name"]
        self.id = program["publicKey"]
        self.events = program["events"]
        self.accounts = program["accounts"]
        self.errors = {error["code"]: error for error in program["errors"]}
        self._types = {node["name"]: node["type"] for node in program["definedTypes"]}

    def event(self, data):
        """What `sol_log_data` logged, as (name, fields); None: no event that this IDL knows."""
        return self._find(self.events, data)

    def account(self, data):
        """An account's data, as (name, fields); None: no account that this IDL knows. Its owner must be the program."""
        return self._find(self.accounts, data)

    def _find(self, nodes, data):
        for node in nodes:
            if all(_matches(discriminator, data) for discriminator in node["discriminators"]):
                value, end = self._read(node["data"], data, 0)
                if end != len(data):
                    raise ValueError(f"{node['name']}: {len(data) - end} bytes too many")
                return node["name"], value
        return None

    def _read(self, node, data, at):
        """The value of a type at an offset, and where it ends."""
        kind = node["kind"]
        if kind == "definedTypeLinkNode":
            return self._read(self._types[node["name"]], data, at)
        if kind == "structTypeNode":
            fields = {}
            for field in node["fields"]:
                fields[field["name"]], at = self._read(field["type"], data, at)
            return fields, at
        if kind == "publicKeyTypeNode":
            return base58(_take(data, at, 32)), at + 32
        if kind == "numberTypeNode":
            size = int(node["format"][1:]) // 8
            signed = node["format"][0] == "i"
            return int.from_bytes(_take(data, at, size), "little", signed=signed), at + size
        if kind == "fixedSizeTypeNode" and node["type"]["kind"] == "bytesTypeNode":
            return _take(data, at, node["size"]).hex(), at + node["size"]
        if kind == "arrayTypeNode":
            values, count = [], node["count"]
            left = count["value"] if count["kind"] == "fixedCountNode" else None
            while at < len(data) if left is None else len(values) < left:
                value, at = self._read(node["item"], data, at)
                values.append(value)
            return values, at
        raise ValueError(f"this IDL has a type that is not known here: {kind}")


def _take(data, at, size):
    if at + size > len(data):
        raise ValueError("too few bytes")
    return data[at : at + size]


def _matches(discriminator, data):
    if discriminator["kind"] == "sizeDiscriminatorNode":
        return len(data) == discriminator["size"]
    if discriminator["kind"] == "constantDiscriminatorNode":
        head = bytes.fromhex(discriminator["constant"]["value"]["data"])
        return data[discriminator["offset"] :].startswith(head)
    raise ValueError(f"this IDL has a discriminator that is not known here: {discriminator['kind']}")


def programs(folder=None):
    """The four programs, by address. `folder` has their IDLs: by default that of the repository."""
    folder = pathlib.Path(folder) if folder else pathlib.Path(__file__).resolve().parents[2]
    known = [Program(json.loads((folder / f"{name}.json").read_text())) for name in PROGRAMS]
    return {program.id: program for program in known}


def events(logs, known):
    """The events of a transaction's log, in their order. Believes an event only in a line of its own program."""
    calls = []
    for line in logs:
        if line == "Log truncated":
            raise LogTruncated(line)
        # Only the runtime begins a line so: what a program logs follows `Program log: ` or `Program data: `.
        step = STEP.match(line)
        if step:
            if step[2] == "invoke":
                calls.append(step[1])
            else:
                calls.pop()
        elif line.startswith("Program data: ") and calls and calls[-1] in known:
            program = known[calls[-1]]
            found = program.event(base64.b64decode(line.split(" ")[2]))
            if found is None:
                raise ValueError(f"{program.name} logged an event that this IDL does not know: {line}")
            name, fields = found
            header = fields.pop("header")
            yield {
                "program": program.name,
                "event": name,
                "source": header["source"],
                "sequence": header["sequence"],
                "fields": fields,
            }


def main():
    answer = json.load(sys.stdin)
    if isinstance(answer, dict):
        answer = answer.get("result", answer)
        if answer is None:
            sys.exit("no such transaction: not confirmed yet, or too old for this server")
        # What a failed transaction logged did not happen.
        answer = [] if answer["meta"]["err"] else answer["meta"]["logMessages"]
    for event in events(answer, programs(sys.argv[1] if len(sys.argv) > 1 else None)):
        print(json.dumps(event))


if __name__ == "__main__":
    main()
