package io.heed.replay;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Sorts rows in bounded memory: what exceeds it is sorted in parts, which go to temporary files and
 * are merged as they are read.
 */
final class ExternalSort implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Comparator<SourceRow> order;
  private final long maxBytes;
  private final List<Path> files = new ArrayList<>();
  private final List<DataInputStream> open = new ArrayList<>();
  private List<SourceRow> rows = new ArrayList<>();
  private long bytes;

  ExternalSort(Comparator<SourceRow> order, long maxBytes) {
    this.order = order;
    this.maxBytes = maxBytes;
  }

  void add(SourceRow row) throws IOException {
    rows.add(row);
    bytes += row.bytes();
    if (bytes > maxBytes) {
      spill();
    }
  }

  private void spill() throws IOException {
    rows.sort(order);
    Path file = Files.createTempFile("heed-replay-", ".rows");
    files.add(file);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES))) {
      for (SourceRow row : rows) {
        out.writeBoolean(true);
        row.write(out);
      }
      out.writeBoolean(false);
    }
    rows = new ArrayList<>();
    bytes = 0;
  }

  /** All rows in order; to be called once, after the last {@link #add}. */
  Iterator<SourceRow> sorted() throws IOException {
    rows.sort(order);
    PriorityQueue<Part> parts = new PriorityQueue<>((a, b) -> order.compare(a.head, b.head));
    addPart(parts, rows.iterator());
    for (Path file : files) {
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
      open.add(in);
      addPart(parts, new FileRows(in));
    }
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !parts.isEmpty();
      }

      @Override
      public SourceRow next() {
        Part least = parts.remove();
        SourceRow row = least.head;
        addPart(parts, least.rest);
        return row;
      }
    };
  }

  private static void addPart(PriorityQueue<Part> parts, Iterator<SourceRow> rest) {
    if (rest.hasNext()) {
      parts.add(new Part(rest.next(), rest));
    }
  }

  @Override
  public void close() throws IOException {
    for (DataInputStream in : open) {
      in.close();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private record Part(SourceRow head, Iterator<SourceRow> rest) {}

  private static final class FileRows implements Iterator<SourceRow> {
    private final DataInputStream in;
    private boolean more;

    FileRows(DataInputStream in) throws IOException {
      this.in = in;
      this.more = in.readBoolean();
    }

    @Override
    public boolean hasNext() {
      return more;
    }

    @Override
    public SourceRow next() {
      if (!more) {
        throw new NoSuchElementException();
      }
      try {
        SourceRow row = SourceRow.read(in);
        more = in.readBoolean();
        return row;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
