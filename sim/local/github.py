"""Writes down what GitHub's published description says of the answers that are read: github.py WHEEL FILE.

Which parameters an operation takes, which members its answer has, and which of them may be missing or null. Read
from the models that are generated from that description, without running them.
"""

import ast
import json
import sys
import zipfile

ROOT = "githubkit_schemas/v2022_11_28/"
OPERATIONS = [
    "GET /repos/{owner}/{repo}",
    "GET /repos/{owner}/{repo}/branches",
    "GET /repos/{owner}/{repo}/branches/{branch}",
    "GET /repos/{owner}/{repo}/commits",
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    "GET /repos/{owner}/{repo}/commits/{ref}/check-suites",
    "GET /repos/{owner}/{repo}/commits/{ref}/statuses",
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    "GET /repos/{owner}/{repo}/git/commits/{commit_sha}",
    "GET /repos/{owner}/{repo}/git/matching-refs/{ref}",
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    "GET /repos/{owner}/{repo}/git/tags/{tag_sha}",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}",
    "GET /rate_limit",
]
PLAIN = {"str": "text", "int": "number", "float": "number", "bool": "bool"}


def operations(wheel):
    found = {}
    for name in wheel.namelist():
        if name.startswith(ROOT + "rest/") and name.endswith(".py"):
            for node in ast.walk(ast.parse(wheel.read(name))):
                if isinstance(node, ast.FunctionDef) and (doc := ast.get_docstring(node)):
                    lines = [line.strip() for line in doc.splitlines()]
                    line = next((line for line in lines if line in OPERATIONS), None)
                    if line and isinstance(node.returns, ast.Subscript):
                        query = [one.arg for one in node.args.kwonlyargs]
                        answer = node.returns.slice.elts[0]
                        found[line] = {
                            "query": sorted({one.rstrip("_") for one in query} - {"headers", "stream"}),
                            "answer": kind(answer)[0],
                        }
    missing = set(OPERATIONS) - set(found)
    assert not missing, missing
    return found


def kind(node):
    """What a member is, whether it may be null, and whether it may be missing."""
    if isinstance(node, ast.Constant):
        return (None, True, False) if node.value is None else (kind(ast.parse(node.value).body[0].value))
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return (PLAIN.get(name) or {"datetime": "time", "date": "text", "Any": "any"}.get(name) or {"model": name}, False, False)
    if isinstance(node, ast.BinOp):
        return union([node.left, node.right])
    name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return ({"one_of": [one.value for one in inner]}, False, False)
    if name == "Missing":
        what, null, _ = kind(inner[0])
        return (what, null, True)
    if name in ("Union", "Optional"):
        return union(inner + ([ast.Constant(None)] if name == "Optional" else []))
    if name == "Annotated":
        return kind(inner[0])
    if name in ("list", "List", "UniqueList"):
        what, null, _ = kind(inner[0])
        return ({"list": what, "null": null}, False, False)
    return ("any", False, False)


def union(nodes):
    each = [kind(node) for node in nodes]
    null = any(null for _, null, _ in each)
    kinds = [what for what, _, _ in each if what is not None]
    return (kinds[0] if len(kinds) == 1 else "any", null, False)


def models(wheel, wanted):
    classes = {}
    for name in wheel.namelist():
        if name.startswith(ROOT + "models/group_"):
            for node in ast.parse(wheel.read(name)).body:
                if isinstance(node, ast.ClassDef):
                    classes[node.name] = node
    found = {}
    while wanted:
        name = wanted.pop()
        if name in found or name not in classes:
            continue
        members = {}
        for line in classes[name].body:
            if isinstance(line, ast.AnnAssign):
                what, null, missing = kind(line.annotation)
                called = line.target.id
                if isinstance(line.value, ast.Call):
                    for word in line.value.keywords:
                        if word.arg == "alias":
                            called = word.value.value
                members[called] = {"is": what, "null": null, "missing": missing}
                wanted |= names(what)
        found[name] = members
    return found


def names(what):
    if isinstance(what, dict):
        return {what["model"]} if "model" in what else names(what.get("list"))
    return set()


def main(wheel, file):
    with zipfile.ZipFile(wheel) as wheel:
        asked = operations(wheel)
        wanted = set().union(*(names(one["answer"]) for one in asked.values()))
        known = {"operations": asked, "models": models(wheel, wanted)}
    with open(file, "w", encoding="utf-8") as out:
        json.dump(known, out, indent=1, sort_keys=True)


main(*sys.argv[1:])
