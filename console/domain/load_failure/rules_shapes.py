"""Rules for words that none of the others know: the shape of a message tells what it is about, last of all."""

from console.domain.load_failure.rule import Rule, Weight, rules

_AFTER = Weight.AFTER
_GONE = r"(?:no such file|not found|does not exist|doesn't exist|missing|unable to find|(?:failed|unable|cannot) to? ?(?:find|open|stat|read|locate))"

SHAPES: tuple[Rule, ...] = (
    *rules(
        "storage_access",
        _AFTER,
        "s3://",
        "gs://",
        "as://",
        pattern=r"fail|unable|could not|cannot|denied|error",
    ),
    # A file below a version directory, or the config beside it.
    *rules(
        "repository_layout",
        _AFTER,
        "/",
        pattern=_GONE + r".{0,120}?/[\w.-]+/(?:\d{1,19}/[\w.-]|config\.pbtxt)|"
        r"/[\w.-]+/(?:\d{1,19}/[\w.-]|config\.pbtxt).{0,80}?" + _GONE,
        unless=("shared object", "symbol", "cuda"),
    ),
    *rules(
        "gpu_oom",
        _AFTER,
        "memory",
        pattern=r"(?:fail|unable|not enough|insufficient|could not|exceed)[^.]{0,80}(?:gpu|cuda|device) memory"
        r"|(?:gpu|cuda|device) memory[^.]{0,80}(?:fail|unable|not enough|insufficient|exceed)",
        unless=("host memory", "memory pool", "falling back to pinned"),
    ),
    *rules("gpu_placement", _AFTER, "instance group … of model … gpu", "instance group … gpu"),
    # What is wrong while the repository is polled is wrong with the config.
    *rules(
        "config_invalid",
        _AFTER,
        "poll failed for model directory",
        pattern=r"poll failed for model directory[^:]{0,310}: ?\S+ \S+",
        unless=("unexpected p", "failed to ", "unable to ", "could not ", "invalid model name"),
    ),
    *rules(
        "config_invalid",
        _AFTER,
        "invalid argument",
        pattern=r"invalid argument(?::| -) [^\n]{0,300}?\b(?:must|should|can ?not|specif\w{1,8}|not supported|only supports?)\b",
    ),
)
