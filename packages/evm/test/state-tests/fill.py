"""
Fills the state tests in ../data/state-tests: what each transaction has to do is computed by Ethereum's own
execution specs. Needed only to change the sample:

    python3 -m venv .tools/specs && .tools/specs/bin/pip install ethereum-execution==2.20.0
    .tools/specs/bin/python packages/evm/test/state-tests/fill.py
"""

import json
from io import StringIO
from pathlib import Path

from coincurve import PrivateKey
from ethereum.crypto.hash import keccak256
from ethereum.forks.osaka.transactions import encode_transaction
from ethereum.forks.osaka.vm.instructions import Ops
from ethereum_rlp import rlp
from ethereum_spec_tools.evm_tools import create_parser
from ethereum_spec_tools.evm_tools.statetest import ForkCache
from ethereum_spec_tools.evm_tools.t8n import T8N

FORK = "Osaka"
SAMPLE = Path(__file__).parent.parent / "data/state-tests"
ETHER = 10**18
KEYS = [bytes([i]) * 32 for i in (0x45, 0x46, 0x47)]


def address_of(key: bytes) -> str:
    point = PrivateKey(key).public_key.format(compressed=False)[1:]
    return "0x" + keccak256(point)[-20:].hex()


SENDER, AUTHORITY, OTHER = (address_of(key) for key in KEYS)
CODE, CALLEE, THIRD = ("0x" + f"{i:02x}" * 20 for i in (0xC0, 0xC1, 0xC2))
NOBODY = "0x" + "0b" * 20
COINBASE = "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba"
ENV = {
    "currentCoinbase": COINBASE,
    "currentDifficulty": "0x0",
    "currentGasLimit": hex(60_000_000),
    "currentNumber": "0x3",
    "currentTimestamp": "0x3e8",
    "currentBaseFee": "0x7",
    "currentExcessBlobGas": "0x0",
    "currentRandom": "0x" + "00" * 32,
}
WORD = 2**256


def push(value: int) -> bytes:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([0x5F + len(data)]) + data


def asm(*parts) -> bytes:
    """Opcodes by name, numbers as PUSH, bytes as they are, addresses as PUSH20."""
    code = b""
    for part in parts:
        if isinstance(part, bytes):
            code += part
        elif isinstance(part, int):
            code += push(part % WORD)
        elif part.startswith("0x"):
            code += b"\x73" + bytes.fromhex(part[2:])
        else:
            for name in part.split():
                code += bytes([Ops[name].value])
    return code


def store(slot: int, *parts) -> bytes:
    """What the parts leave on the stack goes into a slot."""
    return asm(*parts, slot, "SSTORE")


def memory(data: bytes, at: int = 0) -> bytes:
    words = [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)]
    return b"".join(asm(b"\x7f" + word, at + 32 * i, "MSTORE") for i, word in enumerate(words))


def returning(code: bytes) -> bytes:
    """Init code for a contract."""
    return memory(code) + asm(len(code), 0, "RETURN")


def call(kind: str, to: str, value: int = 0, gas=None, size: int = 0, out: int = 0) -> bytes:
    """A call with `size` bytes of memory from 0; its output goes there too."""
    valued = (value,) if kind in ("CALL", "CALLCODE") else ()
    return asm(out, 0, size, 0, *valued, to, *(("GAS",) if gas is None else (gas,)), kind)


def measured(*parts) -> bytes:
    """The gas that parts which leave nothing on the stack take, with 5 for measuring."""
    return asm("GAS", *parts, "GAS SWAP1 SUB")


def account(code: bytes = b"", balance: int = 0, nonce: int = 1, storage: dict | None = None) -> dict:
    return {
        "nonce": hex(nonce),
        "balance": hex(balance),
        "code": "0x" + code.hex(),
        "storage": {hex(k): hex(v) for k, v in (storage or {}).items()},
    }


def authorize(key: bytes, address: str, nonce: int = 0, chain_id: int = 1) -> dict:
    """An authorization of EIP-7702."""
    message = b"\x05" + rlp.encode(
        [
            chain_id.to_bytes((chain_id.bit_length() + 7) // 8, "big"),
            bytes.fromhex(address[2:]),
            nonce.to_bytes((nonce.bit_length() + 7) // 8, "big"),
        ]
    )
    signature = PrivateKey(key).sign_recoverable(keccak256(message), hasher=None)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    return {
        "chainId": hex(chain_id),
        "address": address,
        "nonce": hex(nonce),
        "v": hex(signature[64]),
        "yParity": hex(signature[64]),
        "r": hex(r),
        "s": hex(s),
        "signer": address_of(key),
    }


files: dict[str, dict] = {}


def case(file: str, name: str, pre: dict | bytes, *, refused: str | None = None, **tx) -> None:
    """One transaction; where `pre` is code, it is that of the contract which is called."""
    if isinstance(pre, bytes):
        pre = {CODE: account(pre, balance=1_000)}
    pre = {SENDER: account(balance=ETHER, nonce=0), **pre}
    tx = {"nonce": 0, "gasLimit": 1_000_000, "to": CODE, "value": 0, "data": b"", "gasPrice": 10, **tx}
    if "maxFeePerGas" in tx or "authorizationList" in tx:
        del tx["gasPrice"]
        tx = {"maxFeePerGas": 10, "maxPriorityFeePerGas": 2, "accessList": [], **tx}
    fields = {k: "0x" + v.hex() if isinstance(v, bytes) else hex(v) if isinstance(v, int) else v for k, v in tx.items()}
    signed = {**fields, "secretKey": "0x" + KEYS[0].hex()}
    stdin = {
        "env": {
            **ENV,
            "blockHashes": {str(i): "0x" + keccak256(str(i).encode()).hex() for i in range(3)},
            "withdrawals": [],
        },
        "alloc": pre,
        "txs": [{**signed, "input": fields["data"], "gas": fields["gasLimit"]}],
    }
    arguments = [
        "t8n",
        *(f"--input.{part}=stdin" for part in ("alloc", "env", "txs")),
        *(f"--output.{part}=stdout" for part in ("alloc", "body", "result")),
        f"--state.fork={FORK}",
        "--state-test",
    ]
    output = StringIO()
    t8n = T8N(create_parser().parse_args(arguments), output, StringIO(json.dumps(stdin)), CACHE)
    if t8n.run() != 0:
        raise RuntimeError(f"the specs failed on {name}")
    filled = json.loads(output.getvalue())
    rejected = filled["result"].get("rejected", [])
    if bool(rejected) != bool(refused):
        raise RuntimeError(f"{name}: {rejected or 'not refused'}")
    envelope = encode_transaction(t8n.txs.all_txs[0])
    txbytes = envelope if isinstance(envelope, bytes) else rlp.encode(envelope)
    post = {
        "hash": filled["result"]["stateRoot"],
        "logs": filled["result"]["logsHash"],
        "txbytes": "0x" + txbytes.hex(),
        "indexes": {"data": 0, "gas": 0, "value": 0},
        "state": {
            a: {"nonce": "0x0", "balance": "0x0", "code": "0x", "storage": {}, **fields}
            for a, fields in filled["alloc"].items()
        },
    }
    if refused:
        post["expectException"] = refused
    transaction = {**fields, "sender": SENDER, **{k: [fields[k]] for k in ("data", "gasLimit", "value")}}
    if "accessList" in fields:
        transaction["accessLists"] = [transaction.pop("accessList")]
    files.setdefault(file, {})[name] = {"env": ENV, "pre": pre, "transaction": transaction, "post": {FORK: [post]}}


CACHE = ForkCache().__enter__()


INTERESTING = [0, 1, 2, 31, 32, 255, 256, 2**64, 2**128 - 1, 2**160, 2**255, 2**256 - 1]

# Computing. Results go into storage from slot 1 on; each opcode gets pairs of values at the edges of what types hold.
for name in "ADD MUL SUB DIV SDIV MOD SMOD EXP SIGNEXTEND LT GT SLT SGT EQ AND OR XOR BYTE SHL SHR SAR".split():
    pairs = [(INTERESTING[i], INTERESTING[(5 * i + 3) % 12]) for i in range(12)] + [
        (7, 3),
        (WORD - 7, 3),
        (3, WORD - 7),
    ]
    case("computing", name, b"".join(store(i + 1, b, a, name) for i, (a, b) in enumerate(pairs)))
for name in "ADDMOD MULMOD".split():
    triples = [(INTERESTING[i], INTERESTING[(5 * i + 3) % 12], INTERESTING[(7 * i + 1) % 12]) for i in range(12)]
    case("computing", name, b"".join(store(i + 1, c, b, a, name) for i, (a, b, c) in enumerate(triples)))
for name in "ISZERO NOT CLZ".split():
    case("computing", name, b"".join(store(i + 1, a, name) for i, a in enumerate(INTERESTING)))
case(
    "computing",
    "KECCAK256",
    memory(bytes(range(64))) + b"".join(store(i + 1, n, i, "KECCAK") for i, n in enumerate((0, 1, 32, 33, 64, 200))),
)

# The stack, jumps and code.
case(
    "control",
    "stack",
    asm(*range(1, 17))
    + b"".join(asm(f"DUP{i}", 100 + i, "SSTORE") for i in (1, 2, 15, 16))
    + asm("SWAP15", 1, "SSTORE", "POP", 2, "SSTORE PC", 3, "SSTORE"),
)
case("control", "stack overflow", asm(1, 1, "SSTORE") + asm(0) * 1025)
case("control", "stack underflow", asm(1, 1, "SSTORE POP"))
case("control", "a loop until the gas is gone", asm("JUMPDEST", 0, "JUMP"), gasLimit=60_000)
case("control", "a jump to a number too large for code", asm(1, 1, "SSTORE", 2**64, "JUMP"))
case("control", "a jump into pushed data", asm(4, "JUMP") + b"\x60\x5b" + asm("STOP"))
case("control", "a jump that is not taken", asm(0, 2**200, "JUMPI") + store(1, 1))
case("control", "an undefined opcode", asm(1, 1, "SSTORE") + b"\x0c")
case("control", "INVALID", asm(1, 1, "SSTORE") + b"\xfe")
case("control", "a push cut by the end of code", store(1, 1) + b"\x7f\xff")
case(
    "control",
    "PUSH0 and MSIZE",
    asm(
        "PUSH0 PUSH0 MSTORE MSIZE",
        1,
        "SSTORE",
        100,
        "MLOAD POP MSIZE",
        2,
        "SSTORE",
        1,
        300,
        "MSTORE8 MSIZE",
        3,
        "SSTORE",
    ),
)
case(
    "control",
    "CODECOPY beyond the end",
    asm(
        64,
        0,
        0,
        "CODECOPY",
        0,
        "MLOAD",
        1,
        "SSTORE",
        32,
        "MLOAD",
        2,
        "SSTORE",
        32,
        2**255,
        0,
        "CODECOPY",
        0,
        "MLOAD",
        3,
        "SSTORE",
    ),
)
case(
    "control",
    "CALLDATA beyond the end",
    b"".join(store(i + 1, i, "CALLDATALOAD") for i in (0, 1, 40, 60))
    + store(9, 2**255, "CALLDATALOAD")
    + asm(40, 40, 0, "CALLDATACOPY", 0, "MLOAD", 10, "SSTORE"),
    data=bytes(range(1, 60)),
)
case(
    "control",
    "MCOPY that overlaps",
    memory(bytes(range(96)))
    + asm(64, 0, 10, "MCOPY", 64, 20, 3, "MCOPY", 0, 500, 500, "MCOPY MSIZE", 4, "SSTORE")
    + b"".join(store(i + 1, 32 * i, "MLOAD") for i in range(3)),
)
for size in (2**16, 2**20, 2**32, 2**255):
    case("control", f"memory of {size} bytes", asm(1, 1, "SSTORE", size, "MLOAD POP"), gasLimit=2_000_000)

# What the EVM says of its surroundings.
case(
    "surroundings",
    "the transaction and the block",
    b"".join(
        store(i + 1, name)
        for i, name in enumerate(
            "ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE CODESIZE GASPRICE COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBBASEFEE GAS RETURNDATASIZE".split()
        )
    )
    + store(30, 0, "BLOBHASH"),
    value=5,
    data=b"\x01\x02",
)
case(
    "surroundings",
    "block hashes",
    b"".join(store(i + 1, n, "BLOCKHASH") for i, n in enumerate((0, 1, 2, 3, 4, 2**64, 2**255))),
)
for name, target in {
    "the sender": SENDER,
    "itself": CODE,
    "a contract": CALLEE,
    "nobody": NOBODY,
    "a precompile": "0x" + "00" * 19 + "02",
}.items():
    look = (
        store(1, target, "BALANCE")
        + store(2, target, "EXTCODESIZE")
        + store(3, target, "EXTCODEHASH")
        + asm(32, 0, 0, target, "EXTCODECOPY", 0, "MLOAD", 4, "SSTORE")
    )
    case("surroundings", f"accounts: {name}", {CODE: account(look, 5), CALLEE: account(asm(1, 2, "ADD"), 7)})
for name in ("BALANCE", "EXTCODESIZE", "EXTCODEHASH"):
    gas = b"".join(
        measured(who, name, "POP") + asm(i + 1, "SSTORE")
        for i, who in enumerate((NOBODY, NOBODY, SENDER, CODE, COINBASE, "0x" + "00" * 19 + "09"))
    )
    case("surroundings", f"gas of {name}, cold and warm", gas)
case(
    "surroundings",
    "gas of SLOAD, cold and warm",
    {
        CODE: account(
            b"".join(measured(slot, "SLOAD POP") + asm(100 + i, "SSTORE") for i, slot in enumerate((1, 1, 2, 2))),
            storage={1: 5},
        )
    },
)

# Storage: gas and refunds for each way from an original over a current to a new value (EIP-2200, 2929, 3529).
for original in (0, 1, 2):
    for current in (0, 1, 2):
        code = b"".join(
            asm(current, i + 1, "SSTORE") + measured(new, i + 1, "SSTORE") + asm(100 + i, "SSTORE")
            for i, new in enumerate((0, 1, 2))
        )
        case(
            "storage",
            f"{original} over {current}",
            {CODE: account(code, storage={i: original for i in (1, 2, 3)} if original else {})},
        )
case(
    "storage",
    "clearing much: refunds are capped at a fifth",
    {CODE: account(b"".join(asm(0, i, "SSTORE") for i in range(1, 21)), storage={i: i for i in range(1, 21)})},
)
case(
    "storage",
    "with the gas of a stipend only",
    {CODE: account(call("CALL", CALLEE, value=1, gas=0) + asm(1, "SSTORE"), 10), CALLEE: account(asm(1, 1, "SSTORE"))},
)
case(
    "storage",
    "transient: seen by calls into the same contract, not by others",
    {
        CODE: account(
            asm(7, 1, "TSTORE")
            + store(1, 1, "TLOAD")
            + call("CALL", CALLEE)
            + asm("POP")
            + call("DELEGATECALL", CALLEE)
            + asm("POP")
        ),
        CALLEE: account(store(2, 1, "TLOAD") + store(3, 1)),
    },
)
case(
    "storage",
    "transient: a revert takes it back",
    {
        CODE: account(asm(7, 1, "TSTORE") + call("DELEGATECALL", CALLEE) + asm("POP") + store(1, 1, "TLOAD")),
        CALLEE: account(asm(8, 1, "TSTORE", 0, 0, "REVERT")),
    },
)
case(
    "storage",
    "transient: not in a static call",
    {CODE: account(call("STATICCALL", CALLEE) + asm(1, "SSTORE")), CALLEE: account(asm(8, 1, "TSTORE"))},
)

# Events.
for topics in range(5):
    case(
        "events",
        f"{topics} topics",
        memory(b"\xab" * 32)
        + b"".join(asm(*(topic + 1 for topic in range(topics)), size, 3, f"LOG{topics}") for size in (0, 1, 40)),
    )
case(
    "events",
    "in order, but for those of a call that reverts",
    {
        CODE: account(
            asm(1, 0, 0, "LOG1") + call("CALL", CALLEE) + asm("POP") + call("CALL", THIRD) + asm("POP", 4, 0, 0, "LOG1")
        ),
        CALLEE: account(asm(2, 0, 0, "LOG1", 0, 0, "REVERT")),
        THIRD: account(asm(3, 0, 0, "LOG1")),
    },
)
case(
    "events",
    "none in a static call",
    {CODE: account(call("STATICCALL", CALLEE) + asm(1, "SSTORE")), CALLEE: account(asm(0, 0, "LOG0"))},
)

# Calls: each kind, with what it does to value, identity, storage, return data and gas.
callee = store(1, "CALLER") + store(2, "CALLVALUE") + store(3, "ADDRESS") + asm(0x1234, 0, "MSTORE", 32, 0, "RETURN")
for kind in "CALL CALLCODE DELEGATECALL STATICCALL".split():
    after = asm(10, "SSTORE") + store(11, "RETURNDATASIZE") + store(12, 0, "MLOAD") + store(13, "SELFBALANCE")
    case("calls", kind, {CODE: account(call(kind, CALLEE, value=3, out=32) + after, 10), CALLEE: account(callee)})
    case(
        "calls",
        f"{kind} with little gas",
        {CODE: account(call(kind, CALLEE, gas=30_000) + after, 10), CALLEE: account(callee)},
    )
    case(
        "calls",
        f"{kind} that reverts with data",
        {
            CODE: account(call(kind, CALLEE, out=16) + after, 10),
            CALLEE: account(asm(1, 1, "TSTORE", 0xABCDEF, 0, "MSTORE", 32, 0, "REVERT")),
        },
    )
    case("calls", f"{kind} to nobody", {CODE: account(call(kind, NOBODY) + after, 10)})
    case(
        "calls",
        f"{kind}: gas, cold and warm",
        {
            CODE: account(
                measured(call(kind, CALLEE), "POP")
                + asm(1, "SSTORE")
                + measured(call(kind, CALLEE), "POP")
                + asm(2, "SSTORE")
            ),
            CALLEE: account(b"\0"),
        },
    )
    case(
        "calls",
        f"{kind}: all but a 64th of the gas",
        {
            CODE: account(call(kind, CALLEE, gas=2**255, out=32) + asm("POP") + store(1, 0, "MLOAD") + store(2, "GAS")),
            CALLEE: account(asm("GAS", 0, "MSTORE", 32, 0, "RETURN")),
        },
    )
for value in (1, 10, 11):
    case(
        "calls",
        f"value {value} of 10, to a new account",
        {CODE: account(measured(call("CALL", NOBODY, value=value), 1, "SSTORE") + asm(2, "SSTORE"), 10)},
    )
case(
    "calls",
    "value in a static call",
    {CODE: account(call("STATICCALL", CALLEE) + asm(1, "SSTORE")), CALLEE: account(call("CALL", NOBODY, value=1), 10)},
)
case(
    "calls",
    "into itself until the gas is gone",
    {CODE: account(store(1, 1, 1, "SLOAD ADD") + call("CALL", CODE) + asm("POP"))},
    gasLimit=3_000_000,
)
case(
    "calls",
    "a failure undoes what the callee did, also deeper down",
    {
        CODE: account(call("CALL", CALLEE) + asm(1, "SSTORE"), 10),
        CALLEE: account(store(1, 1) + call("CALL", THIRD, value=2) + asm("POP") + b"\xfe", 10),
        THIRD: account(store(1, 1)),
    },
)
case(
    "calls",
    "RETURNDATACOPY beyond the data",
    {
        CODE: account(call("CALL", CALLEE) + asm(1, "SSTORE", 33, 0, 0, "RETURNDATACOPY")),
        CALLEE: account(asm(32, 0, "RETURN")),
    },
)
case(
    "calls",
    "RETURNDATACOPY of a part",
    {
        CODE: account(call("CALL", CALLEE) + asm("POP", 8, 24, 100, "RETURNDATACOPY") + store(1, 100, "MLOAD")),
        CALLEE: account(asm(0x1122334455667788, 0, "MSTORE", 32, 0, "RETURN")),
    },
)

# Contracts that are made and that go.
for kind in ("CREATE", "CREATE2"):

    def make(init: bytes, value: int = 0) -> bytes:
        return memory(init) + asm(*((0x5A17,) if kind == "CREATE2" else ()), len(init), 0, value, kind)

    note = asm("DUP1", 1, "SSTORE EXTCODEHASH", 2, "SSTORE RETURNDATASIZE", 3, "SSTORE")
    case("contracts", f"{kind}", {CODE: account(make(returning(asm(1, 2, "ADD")), 3) + note, 10)})
    case(
        "contracts",
        f"{kind} twice",
        {CODE: account(make(returning(asm(1, 2, "ADD"))) + asm("POP") + make(returning(asm(1, 2, "ADD"))) + note)},
    )
    case("contracts", f"{kind} with more value than there is", {CODE: account(make(returning(b"\1"), 11) + note, 10)})
    case(
        "contracts",
        f"{kind} that reverts with data",
        {CODE: account(make(store(1, 1) + asm(32, 0, "REVERT"), 3) + note, 10)},
    )
    case(
        "contracts",
        f"{kind} of code that begins with 0xef (EIP-3541)",
        {CODE: account(make(returning(b"\xef\x00")) + note)},
    )
    case(
        "contracts",
        f"{kind} of code that is too long (EIP-170)",
        {CODE: account(make(asm(24_577, 0, "RETURN")) + note)},
        gasLimit=8_000_000,
    )
    case(
        "contracts",
        f"{kind} with init code that is too long (EIP-3860)",
        {CODE: account(asm(*((1,) if kind == "CREATE2" else ()), 49_153, 0, 0, kind) + note)},
    )
    case(
        "contracts",
        f"{kind} with too little gas for the code",
        {CODE: account(make(asm(2_000, 0, "RETURN")) + note)},
        gasLimit=300_000,
    )
    case(
        "contracts",
        f"{kind} in a static call",
        {CODE: account(call("STATICCALL", CALLEE) + asm(1, "SSTORE")), CALLEE: account(make(b""))},
    )
    case(
        "contracts",
        f"{kind}: made and gone in one transaction (EIP-6780)",
        {CODE: account(make(store(1, 1) + asm(NOBODY, "SELFDESTRUCT"), 3) + note, 10)},
    )
    case(
        "contracts",
        f"{kind} by the constructor of another",
        {
            CODE: account(
                make(
                    asm(
                        1,
                        0,
                        "MSTORE8",
                        *((9,) if kind == "CREATE2" else ()),
                        1,
                        0,
                        0,
                        kind,
                        1,
                        "SSTORE",
                        1,
                        0,
                        "RETURN",
                    )
                )
                + note
            )
        },
    )
    case(
        "contracts",
        f"{kind}: gas",
        {
            CODE: account(
                memory(b"\0" * 64)
                + measured(*((9,) if kind == "CREATE2" else ()), 64, 0, 0, kind, "POP")
                + asm(1, "SSTORE")
            )
        },
    )
for name, heir in {"to nobody": NOBODY, "to itself": CODE, "to the sender": SENDER}.items():
    for balance in (0, 9):
        case(
            "contracts",
            f"SELFDESTRUCT {name} with {balance} wei",
            {CODE: account(asm(heir, "SELFDESTRUCT"), balance, storage={1: 1})},
        )
case(
    "contracts",
    "SELFDESTRUCT in a call, and what is called after",
    {
        CODE: account(call("CALL", CALLEE) + asm("POP") + call("CALL", CALLEE, value=1) + asm(1, "SSTORE"), 10),
        CALLEE: account(asm(NOBODY, "SELFDESTRUCT"), 5),
    },
)
case(
    "contracts",
    "SELFDESTRUCT by DELEGATECALL",
    {
        CODE: account(call("DELEGATECALL", CALLEE) + asm(1, "SSTORE"), 10),
        CALLEE: account(asm(NOBODY, "SELFDESTRUCT"), 5),
    },
)
case(
    "contracts",
    "SELFDESTRUCT in a static call",
    {CODE: account(call("STATICCALL", CALLEE) + asm(1, "SSTORE"), 10), CALLEE: account(asm(NOBODY, "SELFDESTRUCT"), 5)},
)
case("contracts", "a transaction makes one", {}, to="", data=returning(asm(1, 2, "ADD")), value=4)
case(
    "contracts",
    "a transaction makes none where init code reverts",
    {},
    to="",
    data=store(1, 1) + asm(0, 0, "REVERT"),
    value=4,
)
case(
    "contracts",
    "a transaction makes none where there is one",
    {"0x" + keccak256(rlp.encode([bytes.fromhex(SENDER[2:]), b""]))[-20:].hex(): account(b"\1")},
    to="",
    data=returning(b"\2"),
)


# Precompiles: a good and a bad input, and too little gas. Success, size and hash of the output, and gas go into storage.
def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


digest = keccak256(b"sample")
signature = PrivateKey(KEYS[1]).sign_recoverable(digest, hasher=None)
G1 = (1, 2)
BN_P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
BN_G2 = (
    11559732032986387107991004021392285783925812861821192530917403151452391805634,
    10857046999023057135944570762232829481370756359578518086990519993285655852781,
    4082367875863433681332203403145435568316851327593401208105741076214120093531,
    8495653923123431417604973247489272438418190587263600148770280649306958101930,
)
BLS_G1 = (
    bytes(16)
    + bytes.fromhex("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb")
    + bytes(16)
    + bytes.fromhex("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1")
)
BLS_G2 = b"".join(
    bytes(16) + bytes.fromhex(h)
    for h in (
        "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
        "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
        "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
        "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be",
    )
)
# RFC 6979 A.2.5, message "sample" with SHA-256.
P256 = bytes.fromhex(
    "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bfefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda860fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
# EIP-152, test vector 5.
BLAKE2F = bytes.fromhex(
    "0000000c48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b61626300000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000300000000000000000000000000000001"
)
PRECOMPILES = {
    0x01: [digest + words(27 + signature[64]) + signature[:64], digest + words(29) + signature[:64], b""],
    0x02: [b"", b"abc", bytes(100)],
    0x03: [b"", b"abc"],
    0x04: [b"", bytes(range(70))],
    0x05: [
        words(1, 1, 1) + b"\3\5\7",
        words(32, 32, 32, 3, 2**255 + 1, 2**256 - 189),
        words(0, 0, 0),
        words(1025, 1, 1),
        words(1, 2**64, 1),
    ],
    0x06: [words(*G1, *G1), words(*G1, 1, BN_P - 2), words(1, 1, *G1), b""],
    0x07: [words(*G1, 9), words(*G1, 2**256 - 1), words(1, 3, 9)],
    0x08: [b"", words(*G1, *BN_G2, 1, BN_P - 2, *BN_G2), words(*G1, *BN_G2), words(*G1) + bytes(31)],
    0x09: [BLAKE2F, BLAKE2F[:-1] + b"\2", BLAKE2F[:-1]],
    0x0B: [BLS_G1 + BLS_G1, BLS_G1 + bytes(128), BLS_G1, b"\1" + (BLS_G1 + BLS_G1)[1:]],
    0x0C: [BLS_G1 + words(5), 2 * (BLS_G1 + words(5)), b""],
    0x0D: [BLS_G2 + BLS_G2, BLS_G2],
    0x0E: [BLS_G2 + words(5), b""],
    0x0F: [BLS_G1 + BLS_G2, bytes(384), b""],
    0x10: [bytes(63) + b"\5", bytes(64), b"\1" + bytes(63)],
    0x11: [bytes(127) + b"\5", bytes(127)],
    0x100: [P256, P256[:-1] + b"\0", P256[:-1], b""],
}
for at, inputs in PRECOMPILES.items():
    for number, data in enumerate(inputs):
        for gas in (None, 100):
            run = (
                memory(data)
                + asm("GAS")
                + call("CALL", f"0x{at:040x}", gas=gas, size=len(data))
                + asm(1, "SSTORE GAS SWAP1 SUB", 2, "SSTORE")
                + store(3, "RETURNDATASIZE")
                + asm("RETURNDATASIZE", 0, 0, "RETURNDATACOPY RETURNDATASIZE", 0, "KECCAK", 4, "SSTORE")
            )
            case(
                "precompiles",
                f"0x{at:02x}, input {number}{', little gas' if gas else ''}",
                {CODE: account(run)},
                gasLimit=2_000_000,
            )
case("precompiles", "0x02 called by the transaction", {}, to=f"0x{2:040x}", data=b"abc")
case("precompiles", "0x100 called by the transaction", {}, to=f"0x{256:040x}", data=P256, gasLimit=50_000)

# Transactions: types, fees, gas, and reasons to refuse.
spend = {CODE: account(store(1, 1))}
case("transactions", "to nobody, with value", {}, to=NOBODY, value=5, gasLimit=21_000)
case(
    "transactions",
    "type 1 with an access list (EIP-2930)",
    {
        CODE: account(
            measured(1, "SLOAD POP") + asm(100, "SSTORE") + measured(CALLEE, "BALANCE POP") + asm(101, "SSTORE")
        ),
        CALLEE: account(b"\0"),
    },
    accessList=[{"address": CODE, "storageKeys": [f"0x{1:064x}"]}, {"address": CALLEE, "storageKeys": []}],
)
case("transactions", "type 2 with a tip (EIP-1559)", spend, maxFeePerGas=20, maxPriorityFeePerGas=3)
case("transactions", "type 2 with a tip above the fee's cap", spend, maxFeePerGas=8, maxPriorityFeePerGas=8)
case(
    "transactions", "much calldata costs its floor (EIP-7623)", {}, to=NOBODY, data=bytes([1]) * 1_000, gasLimit=100_000
)
case(
    "transactions",
    "much calldata, and a refund",
    {CODE: account(asm(0, 1, "SSTORE"), storage={1: 1})},
    data=bytes([1]) * 500,
    gasLimit=100_000,
)
case("transactions", "all gas goes with INVALID", {CODE: account(b"\xfe")}, gasLimit=90_000)
case("transactions", "the cap of EIP-7825", spend, gasLimit=2**24)
for name, reason, tx in [
    ("more gas than the cap of EIP-7825", "GAS_LIMIT_EXCEEDS_MAXIMUM", {"gasLimit": 2**24 + 1}),
    ("less gas than the intrinsic", "INTRINSIC_GAS_TOO_LOW", {"gasLimit": 20_999}),
    (
        "less gas than the floor of EIP-7623",
        "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST",
        {"data": bytes([1]) * 1_000, "gasLimit": 50_000},
    ),
    ("a fee below the base fee", "INSUFFICIENT_MAX_FEE_PER_GAS", {"gasPrice": 6}),
    ("more than the sender has", "INSUFFICIENT_ACCOUNT_FUNDS", {"value": ETHER}),
    ("a nonce that is too high", "NONCE_MISMATCH_TOO_HIGH", {"nonce": 1}),
    (
        "init code that is too long (EIP-3860)",
        "INITCODE_SIZE_EXCEEDED",
        {"to": "", "data": bytes(49_153), "gasLimit": 10_000_000},
    ),
]:
    case("transactions", f"refused: {name}", spend, refused=f"TransactionException.{reason}", **tx)
case(
    "transactions",
    "refused: a sender with code (EIP-3607)",
    {**spend, SENDER: account(b"\1", ETHER, 0)},
    refused="TransactionException.SENDER_NOT_EOA",
)

# Delegations (EIP-7702).
delegate = {CALLEE: account(store(1, 1) + store(2, "CALLER") + store(3, "ADDRESS") + store(4, "CODESIZE"))}
authority = {AUTHORITY: account(balance=9, nonce=0)}


def delegated(*authorizations, **tx):
    return {"to": AUTHORITY, "gasLimit": 500_000, "authorizationList": list(authorizations), **tx}


case(
    "delegations",
    "an account gets code and is called",
    {**delegate, **authority},
    **delegated(authorize(KEYS[1], CALLEE)),
)
case("delegations", "an account that is new", delegate, **delegated(authorize(KEYS[1], CALLEE)))
case("delegations", "for any chain", {**delegate, **authority}, **delegated(authorize(KEYS[1], CALLEE, chain_id=0)))
case("delegations", "the sender's own", delegate, **delegated(authorize(KEYS[0], CALLEE, nonce=1), to=SENDER))
case(
    "delegations",
    "the last of two counts",
    {**delegate, THIRD: account(store(9, 9)), **authority},
    **delegated(authorize(KEYS[1], CALLEE), authorize(KEYS[1], THIRD, nonce=1)),
)
case(
    "delegations",
    "to no address takes it away",
    {**delegate, AUTHORITY: account(bytes.fromhex("ef0100" + CALLEE[2:]), 9, 1)},
    **delegated(authorize(KEYS[1], "0x" + "00" * 20, nonce=1)),
)
case("delegations", "to a precompile runs nothing", authority, **delegated(authorize(KEYS[1], f"0x{2:040x}")))
case(
    "delegations",
    "to one that is delegated runs its designator",
    {**delegate, **authority, OTHER: account(bytes.fromhex("ef0100" + CALLEE[2:]), 0, 1)},
    **delegated(authorize(KEYS[1], OTHER)),
)
case(
    "delegations",
    "stay when the call reverts",
    {CALLEE: account(asm(1, 1, "SSTORE", 0, 0, "REVERT")), **authority},
    **delegated(authorize(KEYS[1], CALLEE)),
)
case(
    "delegations",
    "a delegated account sends",
    {**delegate, SENDER: account(bytes.fromhex("ef0100" + CALLEE[2:]), ETHER, 0)},
    to=NOBODY,
    value=3,
)
for name, wrong in {
    "another chain": authorize(KEYS[1], CALLEE, chain_id=2),
    "another nonce": authorize(KEYS[1], CALLEE, nonce=1),
    "a signature that is nobody's": {**authorize(KEYS[1], CALLEE), "r": hex(2**256 - 1)},
    "a high s": {**authorize(KEYS[1], CALLEE), "s": hex(2**255)},
}.items():
    case("delegations", f"passed over: {name}", {**delegate, **authority}, **delegated(wrong))
case(
    "delegations",
    "passed over: an account with code",
    {**delegate, AUTHORITY: account(b"\0", 9, 0)},
    **delegated(authorize(KEYS[1], CALLEE)),
)
case(
    "delegations",
    "refused: none in the list",
    delegate,
    refused="TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST",
    **delegated(),
)
case(
    "delegations",
    "refused: a creation",
    delegate,
    refused="TransactionException.TYPE_4_TX_CONTRACT_CREATION",
    **delegated(authorize(KEYS[1], CALLEE), to=""),
)
look = b"".join(
    store(i + 1, AUTHORITY, name) for i, name in enumerate("EXTCODESIZE EXTCODEHASH BALANCE".split())
) + asm(32, 0, 0, AUTHORITY, "EXTCODECOPY", 0, "MLOAD", 9, "SSTORE")
gas = (
    measured(call("CALL", AUTHORITY), "POP")
    + asm(10, "SSTORE")
    + measured(call("DELEGATECALL", AUTHORITY), "POP")
    + asm(11, "SSTORE")
)
case(
    "delegations",
    "how others see one",
    {CODE: account(look + gas), CALLEE: account(b"\0"), AUTHORITY: account(bytes.fromhex("ef0100" + CALLEE[2:]), 9, 1)},
)

for file, cases in files.items():
    (SAMPLE / f"{file}.json").write_text(json.dumps(cases, separators=(",", ":")).replace('"},"', '"},\n"') + "\n")
    print(f"{len(cases):4} {file}")
