#!/usr/bin/env python3
"""Licences, sources and doubles of everything the program links, by the rules of deny.toml.

Asks nothing but `cargo metadata`, so it runs in a second where cargo-deny is not installed.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Two of these in one program are a defect: two pools, two runtimes, two ideas of a digest or of a date.
SINGLE = [
    "argon2", "axum", "hyper", "jiff", "libsqlite3-sys", "minijinja", "object_store", "serde_json", "sm2", "sm3",
    "sm4", "sqlx", "sqlx-core", "tokio", "tower-http", "typst",
]


def metadata() -> dict:
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def fits(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be satisfied: OR is either, AND is both, parentheses bind, `/` is the old OR."""
    tokens = re.findall(r"\(|\)|[^\s()/]+|/", expression)
    at = 0

    def either() -> bool:
        nonlocal at
        value = both()
        while at < len(tokens) and tokens[at] in ("OR", "/"):
            at += 1
            value = both() or value
        return value

    def both() -> bool:
        nonlocal at
        value = one()
        while at < len(tokens) and tokens[at] == "AND":
            at += 1
            value = one() and value
        return value

    def one() -> bool:
        nonlocal at
        if tokens[at] == "(":
            at += 1
            value = either()
            at += 1
            return value
        name = tokens[at]
        at += 1
        if at + 1 < len(tokens) and tokens[at] == "WITH":
            name = f"{name} WITH {tokens[at + 1]}"
            at += 2
        return name in allowed

    return either()


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    allowed = set(rules["licenses"]["allow"])
    registries = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    banned = {entry["crate"]: entry.get("reason", "") for entry in rules["bans"]["deny"]}
    data = metadata()
    linked = {node["id"] for node in data["resolve"]["nodes"]}
    problems, versions, used = [], {}, set()
    for package in data["packages"]:
        if package["id"] not in linked:
            continue
        name = f"{package['name']} {package['version']}"
        versions.setdefault(package["name"], set()).add(package["version"])
        licence = package["license"] or ""
        if not licence or not fits(licence, allowed):
            problems.append(f"{name}: licence {licence or 'unknown'} is not allowed by deny.toml")
        used.update(allowed & set(re.split(r"\s*(?:/|\(|\)|\bOR\b|\bAND\b)\s*", licence)))
        source = package["source"]
        if source is None:
            if not Path(package["manifest_path"]).is_relative_to(ROOT):
                problems.append(f"{name}: comes from outside the repository")
        elif source not in registries:
            problems.append(f"{name}: comes from {source}")
        if package["name"] in banned:
            problems.append(f"{name}: {banned[package['name']]}")
    for name in SINGLE:
        found = sorted(versions.get(name, set()))
        if len(found) > 1:
            problems.append(f"{name}: {len(found)} versions at once: {', '.join(found)}")
    twice = sorted(name for name, found in versions.items() if len(found) > 1)
    print(f"{len(linked)} packages; licences in use: {', '.join(sorted(used))}")
    print(f"in two versions (looked at, not forbidden): {', '.join(twice) or 'none'}")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
