"""Locks on open files, which end with whoever holds them, however that ends."""

import fcntl


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file or folder against other processes, where nobody holds it; whether that was so.

    Raises OSError where the file system does not lock.
    """
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
