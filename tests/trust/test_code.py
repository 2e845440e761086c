"""The source never executes the contents of a file, and writes files through `io.atomic`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("prosodytok", "viz", "recipes")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "viz" not in path.relative_to(ROOT).parts[1:]  # prosodytok/viz is a link to viz
]
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
HARMLESS = {"pickle.UnpicklingError"}  # raised by torch.load with weights_only=True
CALLS = {"eval", "exec", "compile", "__import__"}
SAFE_YAML = {"yaml.safe_load", "yaml.safe_dump", "yaml.YAMLError"}


def dangers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield from {f"{node.module}.{a.name}" for a in node.names} - HARMLESS
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "yaml":
            yield from {f"yaml.{node.attr}"} - SAFE_YAML
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name in CALLS:
        yield name
    if name == "torch.load" and given.get("weights_only") != "True":
        yield "torch.load without weights_only=True"
    # In Trainer.save_checkpoint, the option decides whether the optimizer is saved.
    if given.get("weights_only", "True") != "True" and not name.endswith("save_checkpoint"):
        yield f"{name} with weights_only={given['weights_only']}"
    if "ckpt_path" in given and given.get("weights_only") != "True":
        yield f"{name} of a checkpoint without weights_only=True"
    if given.get("allow_pickle", "False") != "False":
        yield f"{name} with allow_pickle"
    if given.get("shell", "False") != "False":
        yield f"{name} with shell"
    if given.get("trust_remote_code", "False") != "False":
        yield f"{name} with trust_remote_code"
    if name in ("os.system", "os.popen") or name.endswith((".extractall", ".unpack_archive")):
        yield name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_does_not_execute_file_contents(path: Path) -> None:
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "Trainer().fit(model, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "trainer.fit(model, ckpt_path=path)",
        "eval(text)",
        "yaml.load(text)",
        "yaml.Loader",
        "subprocess.run(command, shell=True)",
        "tarfile.open(path).extractall()",
        "os.system(command)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
    ],
)
def test_dangerous_code_is_detected(code: str) -> None:
    assert list(dangers(ast.parse(code)))


#: Calls that write a file.
WRITERS = {"write_text", "write_bytes", "savefig", "save_file", "write_table"}
WRITER_NAMES = {"np.save", "np.savez", "np.savez_compressed", "sf.write", "torch.save"}
#: Files of the library's own: temporary ones, logs, locks and the writer itself; and a module
#: that enters `atomic_path` in an ExitStack.
OWN = {"atomic.py", "dataset.py", "archive.py", "sound_file.py", "shard_worker.py"}
OWN |= {"speed_of_stages.py", "speed_of_extraction.py", "manifests.py"}


def writes(tree: ast.AST, atomic: bool = False) -> Iterator[str]:
    """Calls that write files outside of the blocks of `atomic_path` and `open_output`."""
    for node in ast.iter_child_nodes(tree):
        inside = atomic
        if isinstance(node, ast.With):
            items = "".join(ast.unparse(item.context_expr) for item in node.items)
            inside |= "atomic_path(" in items or "open_output(" in items
        if isinstance(node, ast.Call) and not atomic:
            name = ast.unparse(node.func)
            modes = [ast.unparse(argument) for argument in node.args]
            if name.endswith("open") and any(mode[1:2] in "wx" for mode in modes if mode[0] == "'"):
                yield ast.unparse(node)
            if isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
                yield ast.unparse(node)
            if name in WRITER_NAMES and "buffer" not in modes:
                yield ast.unparse(node)
        yield from writes(node, inside)


def test_files_are_written_through_one_module() -> None:
    found = {
        str(path.relative_to(ROOT)): [*writes(ast.parse(path.read_text(encoding="utf-8")))]
        for path in SOURCES
        if path.name not in OWN
    }
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "code",
    ["path.write_text(x)", "path.open('w')", "open(path, 'wb')", "np.savez(path)", "f.savefig(p)"],
)
def test_direct_writes_are_detected(code: str) -> None:
    assert list(writes(ast.parse(code)))
    assert not list(writes(ast.parse(f"with atomic_path(x) as path:\n    {code}")))
