"""Models that are each broken in one way, and which id names it."""

from pathlib import Path

from tests.parts.broken_repository import (
    CPU,
    DAY,
    IN,
    IO,
    OUT,
    Fault,
    added,
    aged,
    bare,
    beside,
    changed,
    ensemble,
    healthy,
    model,
    moved,
    step,
    swap,
    timed,
    warmup,
)


def planted(repository: Path, *names: str) -> Path:
    """A healthy repository with these faults, each in a model of its own name."""
    healthy(repository)
    for name in names:
        FAULTS[name].plant(repository / name)
    aged(repository)
    for name in names:
        late = FAULTS[name].late
        if late is not None:
            late(repository / name)
    return repository


_COMPLETES = """
    @staticmethod
    def auto_complete_config(config):
        config.add_input({"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [-1]})
        config.add_output({"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [-1]})
        return config
"""

FAULTS = {
    # Layout.
    "no_config": Fault("repo.config_missing", bare, refused=True),
    "no_version": Fault(
        "repo.version_missing",
        changed(lambda f: (f / "1" / "model.py").rename(f / "model.py.moved") and (f / "1").rmdir()),
        refused=True,
    ),
    "policy_names_none": Fault(
        "repo.version_missing", model("version_policy { specific { versions: [ 9 ] } }\n"), refused=True
    ),
    "policy_of_none": Fault(
        "repo.version_missing", model("version_policy { latest { num_versions: 0 } }\n"), refused=True
    ),
    "version_is_a_file": Fault(
        "repo.version_missing",
        changed(
            lambda f: (
                (f / "1" / "model.py").rename(f / "kept"),
                (f / "1").rmdir(),
                (f / "1").write_text("x"),
            )
        ),
        refused=True,
    ),
    "version_named_and_absent": Fault(
        "repo.version_absent", model("version_policy { specific { versions: [ 1, 9 ] } }\n"), "warn"
    ),
    "version_with_v": Fault("repo.version_name", added("v2/model.py"), "warn"),
    "version_with_zero": Fault("repo.version_name", added("02/model.py"), "warn"),
    "version_kept_aside": Fault("repo.version_name", added("7_backup/model.py")),
    "version_too_large": Fault("repo.version_name", added("99999999999999999999/model.py")),
    "version_empty": Fault("repo.version_empty", changed(lambda f: (f / "2").mkdir())),
    "version_of_caches": Fault("repo.version_empty", added("2/__pycache__/model.cpython-311.pyc")),
    "older_version_empty": Fault("repo.version_empty", changed(lambda f: (f / "0").mkdir()), "warn"),
    "artifact_of_another_name": Fault("repo.artifact", moved("1/model.py", "1/serve.py")),
    "artifact_named_and_absent": Fault("repo.artifact", model('default_model_filename: "serve.py"\n')),
    "config_in_the_repository": Fault(
        "repo.misplaced", beside("config.pbtxt"), "warn", subject="config.pbtxt"
    ),
    ".git": Fault("repo.no_model", lambda f: (f / "objects").mkdir(parents=True)),
    "swap_file": Fault("repo.stray", added(".config.pbtxt.swp"), "warn"),
    "backup_file": Fault("repo.stray", added("1/model.py~"), "warn"),
    "upload": Fault("repo.partial", added("1/weights.bin.partial"), "warn"),
    "nothing_in_it": Fault("repo.partial", changed(lambda f: (f / "1" / "model.py").write_text(""))),
    # Links and permissions.
    "link_to_nowhere": Fault(
        "repo.link_dangling", changed(lambda f: (f / "labels").symlink_to("/nonexistent")), refused=True
    ),
    "link_to_nowhere_within": Fault(
        "repo.link_dangling", changed(lambda f: (f / "1" / "labels").symlink_to("/nonexistent")), "warn"
    ),
    "link_beside": Fault("repo.link_dangling", lambda f: f.symlink_to("/nonexistent")),
    "link_out": Fault(
        "repo.link_outside", changed(lambda f: (f / "1" / "labels").symlink_to("/etc/hostname")), "warn"
    ),
    "closed": Fault("repo.closed", model(), "warn", late=lambda f: (f / "1" / "model.py").chmod(0o600)),
    # config.pbtxt.
    "config_syntax": Fault("repo.config_parse", model("instance_group [ { kind: ] }\n"), refused=True),
    "config_type": Fault("repo.config_parse", model('max_batch_size: "8"\n'), refused=True),
    "config_twice": Fault("repo.config_parse", model('backend: "python"\n'), refused=True),
    "config_two_batchers": Fault(
        "repo.config_parse", model("dynamic_batching { }\nsequence_batching { }\n"), refused=True
    ),
    "config_escape": Fault(
        "repo.config_parse", model('parameters { key: "a" value { string_value: "\\d" } }\n'), refused=True
    ),
    "config_mark": Fault(
        "repo.config_parse",
        changed(
            lambda f: (f / "config.pbtxt").write_bytes(b"\xef\xbb\xbf" + (f / "config.pbtxt").read_bytes())
        ),
        refused=True,
    ),
    "config_folder": Fault(
        "repo.config_parse", changed(lambda f: ((f / "config.pbtxt").unlink(), (f / "config.pbtxt").mkdir()))
    ),
    "config_field": Fault("repo.unknown_field", model("max_batchsize: 8\n"), refused=True),
    "config_name": Fault(
        "repo.config_name",
        changed(lambda f: (f / "config.pbtxt").write_text(f'name: "other"\n{CPU}{IO}')),
        refused=True,
    ),
    "config_platform": Fault(
        "repo.backend",
        changed(lambda f: (f / "config.pbtxt").write_text(f'platform: "tensorflo"\n{IO}')),
        refused=True,
    ),
    "config_backend": Fault(
        "repo.backend",
        changed(lambda f: (f / "config.pbtxt").write_text(f'backend: "tensorrt_plan"\n{IO}')),
        refused=True,
    ),
    "config_template": Fault(
        "repo.backend",
        changed(lambda f: (f / "config.pbtxt").write_text('backend: "${triton_backend}"\n' + IO)),
        refused=True,
    ),
    "batch_negative": Fault("repo.batching", model("max_batch_size: -1\n"), refused=True),
    "batch_preferred": Fault(
        "repo.batching",
        model("max_batch_size: 4\ndynamic_batching { preferred_batch_size: [ 8 ] }\n"),
        refused=True,
    ),
    "batch_priorities": Fault(
        "repo.batching", model("max_batch_size: 4\ndynamic_batching { priority_levels: 2 }\n"), refused=True
    ),
    "batch_preferred_of_none": Fault(
        "repo.batching",
        model("max_batch_size: 4\ndynamic_batching { preferred_batch_size: [ 0 ] }\n"),
        refused=True,
    ),
    "batch_of_none": Fault("repo.batching", model("dynamic_batching { }\n"), "warn"),
    "cache_of_sequences": Fault(
        "repo.batching", model("sequence_batching { }\nresponse_cache { enable: true }\n"), refused=True
    ),
    "tensor_type": Fault(
        "repo.tensor", model(io=IN.replace("data_type: TYPE_FP32 ", "") + OUT), refused=True
    ),
    "tensor_name": Fault("repo.tensor", model(io=IN.replace('name: "INPUT0" ', "") + OUT), refused=True),
    "tensor_dims": Fault("repo.tensor", model(io=IN.replace("dims: [ -1 ]", "") + OUT), refused=True),
    "tensor_dim": Fault("repo.tensor", model(io=IN.replace("-1", "0") + OUT), refused=True),
    "tensor_format": Fault(
        "repo.tensor", model(io=IN.replace("dims", "format: FORMAT_NHWC dims") + OUT), refused=True
    ),
    "tensor_reshape": Fault(
        "repo.tensor",
        model(io=IN.replace("[ -1 ]", "[ 4 ] reshape { shape: [ 2, 3 ] }") + OUT),
        refused=True,
    ),
    "tensor_reshape_varies": Fault(
        "repo.tensor",
        model(io=IN.replace("[ -1 ]", "[ -1, 4 ] reshape { shape: [ 4, -1 ] }") + OUT),
        refused=True,
    ),
    "tensor_twice": Fault("repo.tensor", model(io=IN + IO), "warn"),
    "cpu_with_gpus": Fault(
        "repo.instances",
        changed(lambda f: swap(f, "kind: KIND_CPU", "kind: KIND_CPU gpus: [ 0 ]")),
        refused=True,
    ),
    "gpu_below_zero": Fault(
        "repo.instances",
        changed(lambda f: swap(f, "kind: KIND_CPU", "kind: KIND_GPU gpus: [ -1 ]")),
        refused=True,
    ),
    "profile": Fault(
        "repo.instances",
        changed(lambda f: swap(f, "kind: KIND_CPU", 'kind: KIND_CPU profile: [ "0" ]')),
        refused=True,
    ),
    "warmup_file": Fault("repo.warmup", model(warmup('input_data_file: "in"')), refused=True),
    "warmup_short": Fault(
        "repo.warmup",
        changed(
            lambda f: ((f / "warmup").mkdir(), (f / "warmup" / "in").write_bytes(b"1234")),
            warmup('input_data_file: "in"'),
        ),
        refused=True,
    ),
    "warmup_shape": Fault("repo.warmup", model(warmup("zero_data: true", dims="-1")), refused=True),
    "warmup_input": Fault("repo.warmup", model(warmup("zero_data: true", name="NOPE")), refused=True),
    # Ensembles.
    "ensemble_alone": Fault("repo.ensemble", ensemble(), refused=True),
    "ensemble_instances": Fault(
        "repo.ensemble", ensemble(step(), config="instance_group [{ kind: KIND_CPU }]\n"), refused=True
    ),
    "ensemble_model": Fault("repo.ensemble_model", ensemble(step("nowhere")), refused=True),
    "ensemble_version": Fault(
        "repo.ensemble_version", ensemble(step("multi", "model_version: 1")), refused=True
    ),
    "ensemble_no_version": Fault("repo.ensemble_version", ensemble(step(version="")), refused=True),
    "ensemble_input": Fault("repo.ensemble_tensor", ensemble(step(into="NOPE")), refused=True),
    "ensemble_type": Fault(
        "repo.ensemble_tensor", ensemble(step(), io=IN.replace("FP32", "INT32") + OUT), refused=True
    ),
    "ensemble_unread": Fault(
        "repo.ensemble_tensor", ensemble(step(), step("multi", sink="SPARE")), refused=True
    ),
    "ensemble_unwritten": Fault("repo.ensemble_tensor", ensemble(step(source="BETWEEN")), refused=True),
    "ensemble_half_fed": Fault(
        "repo.ensemble_tensor",
        ensemble(step(sink="OTHER"), step("multi", source="NOWHERE", sink="OUTPUT0"), io=IO),
        refused=True,
    ),
    "ensemble_batch": Fault(
        "repo.ensemble_tensor", ensemble(step("slow"), config="max_batch_size: 16\n"), refused=True
    ),
    "ensemble_circle": Fault("repo.ensemble_cycle", ensemble(step("ITSELF")), refused=True),
    # Times.
    "just_written": Fault("repo.fresh", model(), "warn", late=timed(-30)),
    "not_yet_written": Fault("repo.future", model(), "warn", late=timed(DAY)),
}

TAKEN = {
    "warmup_without_size": model(warmup('input_data_file: "in"').replace("batch_size: 1 ", "")),
    "warmup_of_zeros": model(warmup("zero_data: true")),
    "reshape_that_fits": model(
        io=IN.replace("[ -1 ]", "[ 2, 4, -1, 6 ] reshape { shape: [ 8, -1, 1, 6 ] }") + OUT
    ),
    "code_that_completes": changed(
        lambda f: (
            (f / "1" / "model.py").write_text((f / "1" / "model.py").read_text() + _COMPLETES),
            swap(f, "data_type: TYPE_FP32 ", ""),
        )
    ),
    "no_config_but_code": changed(lambda f: (f / "config.pbtxt").unlink()),
    "nothing_in_config": changed(lambda f: (f / "config.pbtxt").write_text("# all is derived\n")),
    "folders_of_its_own": changed(lambda f: [(f / name).mkdir() for name in ("assets", "warmup", "configs")]),
    "ensemble_over_batches": ensemble(step("slow"), io=IO.replace("[ -1 ]", "[ -1, -1 ]")),
    "ensemble_in_any_order": ensemble(step("multi", source="BETWEEN"), step("fast", sink="BETWEEN")),
}
"""What Triton takes, however odd it looks: nothing is to be found in it."""
