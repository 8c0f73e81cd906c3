#!/usr/bin/env python3
"""Makes proof-vectors.json from docs/state.md alone: no code of the project. python3 proof-vectors.py > proof-vectors.json"""
import json
from hashlib import sha256 as hash_function
from itertools import count

EMPTY = bytes(32)
RIGHTS = bytes.fromhex("5255464600000000000000000000000000000006")


def sha256(*parts):
    return hash_function(b"".join(parts)).digest()


def bit(path, level):
    return path[level // 8] >> (7 - level % 8) & 1


def leaf(key, value):
    return sha256(b"\0", sha256(key), sha256(value))


def root(entries, level=0):
    if not entries:
        return EMPTY
    if len(entries) == 1:
        return leaf(*entries[0])
    left, right = ([e for e in entries if bit(sha256(e[0]), level) == side] for side in (0, 1))
    return sha256(root(left, level + 1), root(right, level + 1))


# Protobuf of cosmos.ics23.v1

def field(number, content):
    if not content:
        return b""
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def existence(entries, key):
    path, level, inside = [], 0, entries
    while len(inside) > 1:
        turn = bit(sha256(key), level)
        beside = root([e for e in inside if bit(sha256(e[0]), level) != turn], level + 1)
        path.append(b"\x08\x01" + field(2 if turn else 3, beside))
        inside = [e for e in inside if bit(sha256(e[0]), level) == turn]
        level += 1
    leaf_op = b"\x08\x01\x10\x01\x18\x01\x2a\x01\x00"
    inner = b"".join(field(4, step) for step in reversed(path))
    return field(1, key) + field(2, inside[0][1]) + field(3, leaf_op) + inner


def proof(entries, key):
    if key in dict(entries):
        return field(1, existence(entries, key))
    left = [e[0] for e in entries if sha256(e[0]) < sha256(key)]
    right = [e[0] for e in entries if sha256(e[0]) > sha256(key)]
    content = field(1, key)
    if left:
        content += field(2, existence(entries, max(left, key=sha256)))
    if right:
        content += field(3, existence(entries, min(right, key=sha256)))
    return field(2, content)


# States

def uint(value, width):
    return value.to_bytes(width, "big")


def compact(value):
    width = (value.bit_length() + 7) // 8
    return bytes([width]) + uint(value, width)


def account(number):
    return b"\0" + sha256(uint(number, 4))[:20]


def account_record(number):
    return uint(number, 8) + compact(number * 10**18) + uint(0, 2)


def right(identifier):
    record = [
        compact(7), bytes.fromhex("11" * 20), uint(1793570000, 8), uint(1793577200, 8), bytes.fromhex("a5" * 32),
        uint(7, 1), uint(3600, 4), uint(2, 8), compact(1793577200 << 64 | 5),
    ]
    return b"\x03" + RIGHTS + b"\0" + uint(identifier, 32), b"".join(record)


def absent(matches):
    return next(key for key in map(account, count(1000)) if matches(sha256(key)))


def vector(name, entries):
    paths = sorted(sha256(key) for key, _ in entries)
    absents = [
        ("left edge", absent(lambda path: path < paths[0])),
        ("right edge", absent(lambda path: path > paths[-1])),
    ]
    if len(entries) > 1:
        absents.append(("middle", absent(lambda path: paths[0] < path < paths[-1])))
        # Beside a leaf that is as deep as the tree goes
        deepest = max(entries, key=lambda entry: len(existence(entries, entry[0])) - len(entry[1]))[0]
        start = sha256(deepest)[0]
        absents.append(("beside the deepest leaf", absent(lambda path: path[0] == start)))
    proofs = [{"name": "present", "key": key.hex(), "value": value.hex(), "proof": proof(entries, key).hex()} for key, value in entries]
    proofs += [{"name": f"absent: {where}", "key": key.hex(), "value": None, "proof": proof(entries, key).hex()} for where, key in absents]
    return {
        "name": name,
        "entries": [[key.hex(), value.hex()] for key, value in entries],
        "root": root(entries).hex(),
        "proofs": proofs,
    }


first = sha256(account(0))
neighbour = next(n for n in count(1) if sha256(account(n))[:2] == first[:2])
states = [
    vector("single leaf", [right(1)]),
    vector("two leaves that part deep down, with empty siblings above", [(account(0), account_record(1)), (account(neighbour), account_record(2))]),
    vector("sixteen accounts and a right", [(account(n), account_record(n)) for n in range(16)] + [right(1)]),
]
print(json.dumps({
    "note": "State trees by docs/state.md with their roots and ICS 23 proofs, bytes in hex, made by proof-vectors.py. CC0.",
    "emptyRoot": EMPTY.hex(),
    "trees": states,
}, indent=2))
