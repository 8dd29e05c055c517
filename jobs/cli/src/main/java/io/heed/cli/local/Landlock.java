package io.heed.cli.local;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/**
 * Confines the calling thread, and every thread that it starts from then on, to some directories
 * and to no outgoing TCP connection: the Linux security module Landlock, which needs no privilege
 * and cannot be undone.
 *
 * <p>ClickHouse's own grants are not enough for an engine that runs as a library: it takes itself
 * for a client of the user who started it, and its function {@code file()} and its {@code INSERT
 * ... FROM INFILE} then read any file for anybody.
 *
 * <p>Numbers are those of {@code linux/landlock.h}; they are the same on x86-64 and arm64.
 */
final class Landlock {
  private static final int CREATE_RULESET = 444;
  private static final int ADD_RULE = 445;
  private static final int RESTRICT_SELF = 446;
  private static final int RULE_PATH_BENEATH = 1;
  private static final int VERSION_FLAG = 1;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int O_PATH = 0x200000;
  private static final int O_CLOEXEC = 0x80000;

  private static final long READ = 1 << 2 | 1 << 3;

  /** Without the first right, to execute, and the last of version 3, to truncate. */
  private static final long WRITE = 0x3ffe;

  private static final long TRUNCATE = 1 << 14;
  private static final long EXECUTE = 1;
  private static final long CONNECT_TCP = 1 << 1;

  /** From version 2 on, files may be renamed between directories, which the engine does. */
  private static final int FIRST_USABLE_VERSION = 2;

  private static final int FIRST_WITH_TRUNCATE = 3;
  private static final int FIRST_WITH_NETWORK = 4;

  private final NativeLibrary libc = NativeLibrary.getInstance("c");
  private final Function syscall = libc.getFunction("syscall", Function.THROW_LAST_ERROR);

  /** What this kernel offers: 0 for nothing that is of use here, as on any but Linux. */
  int version() {
    if (!Platform.isLinux()) {
      return 0;
    }
    try {
      int version = (int) call(CREATE_RULESET, null, 0L, VERSION_FLAG);
      return version < FIRST_USABLE_VERSION ? 0 : version;
    } catch (LastErrorException e) {
      // The kernel is too old, was built or started without it, or a container forbids it.
      return 0;
    }
  }

  /** Confines this thread; must only be called if {@link #version} is not 0. */
  void confine(Collection<Path> readable, Collection<Path> writable) {
    int version = version();
    long write = WRITE | (version >= FIRST_WITH_TRUNCATE ? TRUNCATE : 0);
    Memory ruleset = new Memory(16);
    ruleset.setLong(0, EXECUTE | write);
    ruleset.setLong(8, CONNECT_TCP);
    long size = version >= FIRST_WITH_NETWORK ? 16 : 8;
    int rules = (int) call(CREATE_RULESET, ruleset, size, 0);
    readable.forEach(path -> allow(rules, path, READ));
    writable.forEach(path -> allow(rules, path, READ | write));
    libc.getFunction("prctl", Function.THROW_LAST_ERROR)
        .invokeInt(new Object[] {PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L});
    call(RESTRICT_SELF, rules, 0, 0);
    close(rules);
  }

  private void allow(int rules, Path path, long rights) {
    if (Files.notExists(path)) {
      return;
    }
    int file =
        libc.getFunction("open", Function.THROW_LAST_ERROR)
            .invokeInt(new Object[] {path.toString(), O_PATH | O_CLOEXEC});
    // Packed: the rights, then the descriptor.
    Memory rule = new Memory(12);
    rule.setLong(0, Files.isDirectory(path) ? rights : rights & (1 << 1 | 1 << 2 | TRUNCATE));
    rule.setInt(8, file);
    call(ADD_RULE, rules, RULE_PATH_BENEATH, rule, 0);
    close(file);
  }

  private long call(int number, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = (long) number;
    for (int i = 0; i < arguments.length; i++) {
      // A system call takes whole registers.
      all[i + 1] =
          arguments[i] instanceof Integer value ? (Object) value.longValue() : arguments[i];
    }
    return syscall.invokeLong(all);
  }

  private void close(int descriptor) {
    libc.getFunction("close").invokeInt(new Object[] {descriptor});
  }
}
