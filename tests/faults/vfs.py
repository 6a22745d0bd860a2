"""A layer under SQLite, in Python: it sees every write, truncation, sync and removal of a database's files.

SQLite reaches files by a table of functions, its VFS. The usual one is copied, and those functions that change
files are put in front of the original ones. It needs a `libsqlite3` that Python is linked to as a shared library.
"""

import ctypes
import ctypes.util
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p

OK, FULL, IO_ERROR = 0, 13, 10

_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(Structure):
    _fields_ = [("version", c_int), ("close", _CLOSE), ("read", c_void_p), ("write", _WRITE)]
    _fields_ += [("truncate", _TRUNCATE), ("sync", _SYNC)]
    _fields_ += [(f"other{i}", c_void_p) for i in range(12)]


class _File(Structure):
    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(Structure):
    _fields_ = [("version", c_int), ("file_size", c_int), ("longest_path", c_int), ("next", c_void_p)]
    _fields_ += [("name", c_char_p), ("data", c_void_p), ("open", _OPEN), ("delete", _DELETE)]
    _fields_ += [(f"other{i}", c_void_p) for i in range(14)]


Operation = Callable[..., int | None]
"""Called with what is done ("write", "truncate", "sync", "delete"), the path, and details.

These are offset and content of a write, the size of a truncation, whether the folder is synced after a removal. What it
returns is None to let it be done, an error of SQLite to refuse it, or minus the number of bytes of a write that are to
be written before the disk is full.
"""

_alive: list[object] = []
"""SQLite keeps pointers to these."""


def library() -> ctypes.CDLL | None:
    """Return the SQLite that Python's `sqlite3` uses, None if it cannot be reached."""
    import _sqlite3
    import sqlite3

    for name in (getattr(_sqlite3, "__file__", None), ctypes.util.find_library("sqlite3")):
        if name is None:
            continue
        found = ctypes.CDLL(name)
        try:
            found.sqlite3_libversion.restype = c_char_p
            if found.sqlite3_libversion().decode() == sqlite3.sqlite_version:
                return found
        except AttributeError:
            continue
    return None


def install(operation: Operation) -> bool:
    """Let databases that are opened from now on tell of what they do; False if this SQLite cannot be reached."""
    sqlite = library()
    if sqlite is None:
        return False
    sqlite.sqlite3_initialize()
    sqlite.sqlite3_vfs_find.restype = POINTER(_Vfs)
    usual = sqlite.sqlite3_vfs_find(None)
    ours = _Vfs.from_buffer_copy(usual.contents)
    ours.name = b"faulty"
    paths: dict[int, str] = {}
    tables: dict[int, _Methods] = {}

    @_OPEN
    def opened(_vfs, name, file, flags, out):
        code = usual.contents.open(ctypes.addressof(usual.contents), name, file, flags, out)
        methods = _File.from_address(file).methods
        if code == OK and name and methods:
            paths[file] = ctypes.string_at(name).decode(errors="surrogateescape")
            address = ctypes.addressof(methods.contents)
            if address not in tables:
                tables[address] = _table(methods.contents, paths, operation)
            _File.from_address(file).methods = ctypes.pointer(tables[address])
        return code

    @_DELETE
    def deleted(_vfs, name, sync_folder):
        refused = operation("delete", name.decode(errors="surrogateescape"), bool(sync_folder))
        if refused is not None:
            return refused
        return usual.contents.delete(ctypes.addressof(usual.contents), name, sync_folder)

    ours.open, ours.delete = opened, deleted
    _alive.extend([ours, opened, deleted, paths, tables, sqlite])
    return sqlite.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK


def _table(usual: _Methods, paths: dict[int, str], operation: Operation) -> _Methods:
    ours = _Methods.from_buffer_copy(usual)
    write, truncate, sync = usual.write, usual.truncate, usual.sync

    @_WRITE
    def written(file, content, n, offset):
        answer = operation("write", paths[file], offset, ctypes.string_at(content, n))
        if answer is None:
            return write(file, content, n, offset)
        if answer < 0:
            write(file, content, min(n, -answer), offset)
            return FULL
        return answer

    @_TRUNCATE
    def truncated(file, size):
        answer = operation("truncate", paths[file], size)
        return truncate(file, size) if answer is None else abs(answer)

    @_SYNC
    def synced(file, flags):
        answer = operation("sync", paths[file])
        return sync(file, flags) if answer is None else abs(answer)

    ours.write, ours.truncate, ours.sync = written, truncated, synced
    _alive.extend([ours, written, truncated, synced, usual])
    return ours
