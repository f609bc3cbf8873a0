"""Recorded and hostile answers of dcgm-exporter, served over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet, GpuFeeds, Tls
from console.domain.gpu import GpuReading, GpuSample
from console.sources.dcgm import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock

RECORDED = Path(__file__).parents[2] / "recorded" / "gpu"
MIB = 2**20

Poll = Callable[[str], Awaitable[GpuReading]]


@pytest.fixture
async def poll() -> AsyncIterator[Poll]:
    """Serve a text as an exporter would, and poll it."""
    texts = {"/metrics": ""}

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(text=texts[request.path])

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    server = TestServer(app)
    await server.start_server()
    http = Http({}, Tls())
    fleet = Fleet(refresh=1.0, gpu=GpuFeeds(dcgm=(str(server.make_url("/metrics")),)))
    (source,) = sources(fleet, Kit(HandClock(), http))

    async def read(text: str) -> GpuReading:
        texts["/metrics"] = text
        reading = await source.poll()
        assert isinstance(reading, GpuReading)
        return reading

    yield read
    await http.close()
    await server.close()


async def one(poll: Poll, text: str) -> GpuSample:
    (gpu,) = (await poll(text)).gpus
    return gpu


async def test_eight_gpus_of_which_one_is_in_three_slices(poll: Poll):
    reading = await poll((RECORDED / "dcgm-sample.txt").read_text())
    slices = [gpu for gpu in reading.gpus if gpu.mig]
    whole = [gpu for gpu in reading.gpus if not gpu.mig]
    assert len({gpu.uuid for gpu in reading.gpus}) == 8
    assert [gpu.mig for gpu in slices] == ["2g.20gb/3", "2g.20gb/5", "2g.20gb/6"]
    assert {gpu.number for gpu in slices} == {"0"}
    assert [gpu.number for gpu in whole] == list("1234567")
    assert {(gpu.name, gpu.node, gpu.pod) for gpu in reading.gpus} == {
        ("NVIDIA A800-SXM4-80GB", "msxf-hpc-64-35-ai", "")
    }


async def test_units_are_ours_and_what_was_not_sent_is_unknown(poll: Poll):
    reading = await poll((RECORDED / "dcgm-sample.txt").read_text())
    first, last = reading.gpus[0], reading.gpus[-1]
    assert (last.utilization, last.memory_used_bytes, last.memory_free_bytes) == (0.0, 2 * MIB, 81226 * MIB)
    assert (last.power_w, last.temperature_c, last.sm_clock_mhz, last.xid) == (55.011, 29.0, 210.0, 0.0)
    assert last.engine_active == last.tensor_active == last.dram_active == 0.0
    assert last.sm_active is None
    assert last.memory_total_bytes is None
    assert last.power_limit_w is None
    assert first.utilization is None
    assert first.memory_used_bytes == 10 * MIB


async def test_a_sentence_for_a_value_is_a_note_that_names_the_family_and_the_gpus(poll: Poll):
    reading = await poll((RECORDED / "dcgm-sample.txt").read_text())
    (note,) = reading.notes
    assert note == (
        "DCGM_FI_DEV_VGPU_PER_PROCESS_UTILIZATION is unknown on GPU"
        " 0 (2g.20gb/3), 0 (2g.20gb/5), 0 (2g.20gb/6), 1, 2, 3, 4, 5, 6, 7:"
        " the exporter says ERROR - FAILED TO CONVERT TO STRING"
    )


async def test_the_pod_that_uses_a_gpu_is_named(poll: Poll):
    reading = await poll((RECORDED / "dcgm-sample-h100-k8s.txt").read_text())
    assert [(gpu.namespace, gpu.pod, gpu.container) for gpu in reading.gpus[:2]] == [
        ("dynamo-workload", "vllm-agg-0-vllmdecodeworker-s65j5", "main"),
        ("", "", ""),
    ]
    assert {gpu.node for gpu in reading.gpus} == {"gpu-node-1"}
    assert reading.notes == ()


async def test_old_and_new_spellings_of_the_labels(poll: Poll):
    old = (
        'gpu="3",UUID="GPU-a",modelName="T4",Hostname="n1",pod_name="p",pod_namespace="ns",container_name="c"'
    )
    new = 'gpu="3",uuid="GPU-b",model_name="T4",hostname="n1",pod="p",namespace="ns",container="c"'
    link = 'nvlink="0",gpu_uuid="GPU-b",model_name="T4",hostname="n1"'
    text = f"DCGM_FI_DEV_GPU_TEMP{{{old}}} 40\nDCGM_FI_DEV_GPU_TEMP{{{new}}} 40\nDCGM_FI_DEV_NVLINK_X{{{link}}} 1\n"
    first, second = (await poll(text)).gpus
    assert first == GpuSample("GPU-a", "3", "T4", "n1", "ns", "p", "c", temperature_c=40.0)
    assert second == first._replace(uuid="GPU-b")


async def test_behind_prometheus_the_pod_is_not_the_exporters_own(poll: Poll):
    labels = 'UUID="GPU-a",pod="dcgm-exporter-x",namespace="gpu-operator",exported_pod="triton-0",exported_namespace="prod"'
    gpu = await one(poll, f"DCGM_FI_DEV_GPU_TEMP{{{labels}}} 40\n")
    assert (gpu.pod, gpu.namespace) == ("triton-0", "prod")


@pytest.mark.parametrize(
    "blank",
    [
        "9223372036854775794",
        "9.223372036854776e+18",
        "2147483632",
        "2147483634",
        "140737488355330.0",
        "-1",
        "NaN",
        "+Inf",
    ],
)
async def test_blanks_are_unknown(poll: Poll, blank: str):
    families = ("GPU_UTIL", "FB_USED", "FB_FREE", "POWER_USAGE", "GPU_TEMP", "SM_CLOCK", "XID_ERRORS")
    gpu = await one(poll, "".join(f'DCGM_FI_DEV_{family}{{UUID="GPU-a"}} {blank}\n' for family in families))
    assert gpu == GpuSample("GPU-a")


async def test_a_share_is_never_more_than_all(poll: Poll):
    row = 'DCGM_FI_{}{{UUID="GPU-a"}} {}\n'.format
    gpu = await one(
        poll, row("PROF_SM_ACTIVE", "1.000002") + row("PROF_DRAM_ACTIVE", "7") + row("DEV_GPU_UTIL", "97")
    )
    assert (gpu.sm_active, gpu.dram_active, gpu.utilization) == (1.0, None, pytest.approx(0.97))


async def test_total_memory_is_what_is_said_or_the_sum_of_all_three_parts(poll: Poll):
    used, free = 'DCGM_FI_DEV_FB_USED{UUID="GPU-a"} 2\n', 'DCGM_FI_DEV_FB_FREE{UUID="GPU-a"} 81226\n'
    reserved, total = (
        'DCGM_FI_DEV_FB_RESERVED{UUID="GPU-a"} 692\n',
        'DCGM_FI_DEV_FB_TOTAL{UUID="GPU-a"} 81920\n',
    )
    assert (await one(poll, used + free)).memory_total_bytes is None
    assert (await one(poll, used + free + reserved)).memory_total_bytes == 81920 * MIB
    assert (await one(poll, used + free + total)).memory_total_bytes == 81920 * MIB


async def test_what_is_no_dcgm_is_said_to_be_none_and_where_to_look(poll: Poll):
    for text in ("", "<html>hello</html>\n", "nv_inference_count 1\n"):
        with pytest.raises(SourceError) as caught:
            await poll(text)
        assert caught.value.failure.kind is FailureKind.GARBAGE
        assert "no DCGM_ metrics at http://" in caught.value.failure.message
        assert ":9400/metrics" in caught.value.failure.hint


async def test_an_answer_of_sentences_only_is_one_of_unknowns(poll: Poll):
    reading = await poll('DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a"} ERROR - FAILED\n')
    assert reading.gpus == (GpuSample("GPU-a", "0"),)
    assert reading.notes == ("DCGM_FI_DEV_GPU_UTIL is unknown on GPU 0: the exporter says ERROR - FAILED",)


async def test_a_cut_answer_and_broken_lines_are_noted(poll: Poll):
    reading = await poll('<p>\nDCGM_FI_DEV_GPU_TEMP{UUID="GPU-a"} 40\nDCGM_FI_DEV_GPU_UTIL{UUID="GPU-a"} 10')
    (gpu,) = reading.gpus
    assert (gpu.temperature_c, gpu.utilization) == (40.0, None)
    assert reading.notes == ("line 1 is not readable: <p>", "the answer was cut; what came after is unknown")


async def test_hostile_labels_do_no_harm_in_notes(poll: Poll):
    reading = await poll('DCGM_FI_X{gpu="\x1b[2J\u202e[red]",UUID="GPU-a"} \x1b]0;x\x07\n')
    assert reading.notes == (
        "DCGM_FI_X is unknown on GPU \\e[2J\\u202e[red]: the exporter says \\e]0;x\\x07",
    )


async def test_a_closed_port_is_a_failure_in_words():
    http = Http({}, Tls())
    (source,) = sources(Fleet(gpu=GpuFeeds(dcgm=("http://127.0.0.1:9/metrics",))), Kit(HandClock(), http))
    with pytest.raises(SourceError) as caught:
        await source.poll()
    await http.close()
    assert caught.value.failure.kind is FailureKind.REFUSED


def test_sources_have_names_without_credentials_and_are_asked_slowly_enough():
    feeds = GpuFeeds(
        dcgm=("http://me:secret@n1:9400/metrics", "http://n2:9400/metrics", "http://n2:9400/metrics")
    )
    some = sources(Fleet(refresh=1.0, gpu=feeds), Kit(HandClock(), Http({}, Tls())))
    assert [source.name for source in some] == ["dcgm:n1:9400", "dcgm:n2:9400"]
    assert {source.every for source in some} == {5.0}
    slow = sources(Fleet(refresh=20.0, gpu=feeds), Kit(HandClock(), Http({}, Tls())))
    assert slow[0].every == 20.0
