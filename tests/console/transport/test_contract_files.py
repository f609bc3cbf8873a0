"""Contracts from their folders: both layouts, what is hostile, and what changes."""

import json
import os
from pathlib import Path

import pytest

from console.domain.contract import Contract
from console.domain.fleet import Fleet
from console.transport.contract_files import SIZE_LIMIT, ContractFiles


def own(folder: Path) -> ContractFiles:
    return ContractFiles(Fleet(contracts=str(folder)))


def write(path: Path, text: str = "owner = 'ml'\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def owners(files: ContractFiles) -> dict[str, str]:
    return {each.model: each.owner for each in files.all().contracts}


def found(files: ContractFiles, model: str) -> Contract:
    contract = files.of(model)
    assert contract is not None
    return contract


def test_a_contract_is_in_a_folder_of_its_model_or_is_named_after_it(tmp_path: Path) -> None:
    write(tmp_path / "ranker" / "contract.toml", "owner = 'a'")
    write(tmp_path / "embed.toml", "owner = 'b'")
    write(tmp_path / "ranker.toml", "owner = 'lost'")
    write(tmp_path / ".hidden.toml")
    write(tmp_path / "README.md")
    files = own(tmp_path)

    assert owners(files) == {"embed": "b", "ranker": "a"}
    assert (found(files, "ranker").owner, found(files, "embed").owner) == ("a", "b")
    assert files.of("other") is None


def test_without_a_folder_of_their_own_they_lie_in_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "ranker" / "contract.toml", "owner = 'a'")
    write(tmp_path / "embed" / "config.pbtxt", "")
    write(tmp_path / "loose.toml")
    files = ContractFiles(Fleet(repository=str(tmp_path)))

    assert owners(files) == {"ranker": "a"}
    assert files.of("loose") is None
    elsewhere = ContractFiles(Fleet(repository=str(tmp_path), contracts=str(tmp_path / "none")))
    assert elsewhere.of("ranker") is None


def test_where_nothing_is_set_there_is_nothing(tmp_path: Path) -> None:
    files = ContractFiles(Fleet())
    assert files.folder is None
    assert files.all() == ((), ())
    assert files.of("ranker") is None


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = write(tmp_path / "ranker.toml", "owner = 'a'")
    files = own(tmp_path)
    first = files.all()

    assert files.all() is first
    write(path, "owner = 'bo'")
    assert owners(files) == {"ranker": "bo"}
    path.unlink()
    assert owners(files) == {}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "No such file or directory" in own(tmp_path / "none").all().problems[0]
    assert ContractFiles(Fleet(repository=str(tmp_path / "none"))).all().problems == ()


@pytest.mark.parametrize("kind", ["fifo", "folder", "large", "bytes", "loop"])
def test_what_is_no_contract_says_so_and_the_others_are_read(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "well.toml")
    odd = tmp_path / "odd.toml"
    match kind:
        case "fifo":
            os.mkfifo(odd)
        case "folder":
            odd.mkdir()
        case "large":
            odd.write_text("#" * (SIZE_LIMIT + 1))
        case "bytes":
            odd.write_bytes(b"owner = '\xff'")
        case "loop":
            odd.symlink_to(odd)
    files = own(tmp_path)

    read = {each.model: each for each in files.all().contracts}
    assert read["well"].owner == "ml"
    assert read["odd"].problems[0].startswith("odd.toml")
    assert found(files, "odd").problems


def test_a_link_to_a_file_is_followed_as_a_cluster_mounts_them(tmp_path: Path) -> None:
    write(tmp_path / "..data" / "ranker.toml", "owner = 'a'")
    (tmp_path / "ranker.toml").symlink_to(Path("..data") / "ranker.toml")
    assert owners(own(tmp_path)) == {"ranker": "a"}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "../well"])
def test_a_name_that_leads_elsewhere_has_no_contract(tmp_path: Path, name: str) -> None:
    write(tmp_path / "well.toml")
    assert own(tmp_path / "inner").of(name) is None


def test_a_request_lies_beside_its_contract_and_nowhere_else(tmp_path: Path) -> None:
    body = {"inputs": []}
    write(tmp_path / "secret.json", json.dumps(body))
    folder = tmp_path / "contracts"
    write(folder / "ranker" / "contract.toml", "health.request = 'health.json'")
    write(folder / "ranker" / "health.json", json.dumps(body))
    write(folder / "other.toml", "health.request = '../secret.json'")
    write(folder / "list.toml", "health.request = 'list.json'")
    write(folder / "list.json", "[]")
    write(folder / "gone.toml", "health.request = 'gone.json'")
    files = own(folder)

    def request(model: str) -> object:
        contract = found(files, model)
        assert contract.health is not None
        return files.request(contract, contract.health)

    assert request("ranker") == body
    with pytest.raises(ValueError, match="lies outside"):
        request("other")
    with pytest.raises(ValueError, match="infer call"):
        request("list")
    with pytest.raises(FileNotFoundError):
        request("gone")
