package io.heed.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Inputs made of well-formed ones by a few random changes: the same ones for the same seed. */
final class Mutations {
  private static final int MAX_BYTES = 300_000;

  private static final List<byte[]> TOKENS =
      Stream.of(
              "1e99999999999",
              "-1e999999999",
              "1e-99999999999",
              "9223372036854775808",
              "0.1",
              "-0",
              "1E400",
              "NaN",
              "99999999999999999999999999999999",
              "\\ud83d",
              "\\udc00",
              "\\u0000",
              "\ud83d\ude00",
              "\"",
              "\\",
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "null",
              "true",
              "\"\"",
              "{}",
              "[[[[[[[[",
              "{\"a\":{\"a\":{\"a\":",
              "STOP",
              "stop",
              "\n",
              "\r\n",
              "\t",
              "  ",
              "- ",
              "? ",
              "&a ",
              "*a",
              "<<: ",
              "!!int ",
              "| ",
              "> ",
              "#",
              "---\n",
              "%YAML 2.0\n",
              "1s",
              "99999999999d",
              "2026-02-30",
              "2026-03-01T00:00:00Z",
              "+292278994-08-17T07:12:55Z",
              ";",
              "\"\"\"",
              "{name}",
              "{",
              "é",
              "\u202e",
              "\ufeff",
              "ı",
              "ß")
          .map(token -> token.getBytes(StandardCharsets.UTF_8))
          .toList();

  private final SplittableRandom random;
  private final List<byte[]> seeds;

  Mutations(long seed, List<byte[]> seeds) {
    this.random = new SplittableRandom(seed);
    this.seeds = seeds;
  }

  byte[] next() {
    byte[] input = seeds.get(random.nextInt(seeds.size()));
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      input = change(input);
    }
    return input;
  }

  private byte[] change(byte[] input) {
    int from = random.nextInt(input.length + 1);
    int to = from + random.nextInt(Math.min(64, input.length - from) + 1);
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        return replaced(
            input, from, Math.min(from + 1, input.length), new byte[] {(byte) random.nextInt()}, 1);
      }
      case 2 -> {
        return replaced(input, from, to, new byte[0], 0);
      }
      case 3 -> {
        return replaced(input, from, input.length, new byte[0], 0);
      }
      case 4 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int at = random.nextInt(other.length + 1);
        return replaced(input, from, input.length, Arrays.copyOfRange(other, at, other.length), 1);
      }
      case 5 -> {
        byte[] chunk = Arrays.copyOfRange(input, from, to);
        // Seldom very long: the faults of length need few inputs, and those cost the most.
        int times = random.nextInt(200) == 0 ? 20_000 : 1 + random.nextInt(8);
        return replaced(input, from, to, chunk, times);
      }
      default -> {
        byte[] token = TOKENS.get(random.nextInt(TOKENS.size()));
        int times = random.nextInt(200) == 0 ? 20_000 : 1;
        return replaced(input, from, random.nextBoolean() ? from : to, token, times);
      }
    }
  }

  private static byte[] replaced(byte[] input, int from, int to, byte[] by, int times) {
    int room = (MAX_BYTES - input.length + to - from) / Math.max(1, by.length);
    int fits = Math.min(times, room);
    if (fits < Math.min(times, 1)) {
      return input;
    }
    byte[] out = Arrays.copyOf(input, input.length - (to - from) + fits * by.length);
    for (int i = 0; i < fits; i++) {
      System.arraycopy(by, 0, out, from + i * by.length, by.length);
    }
    System.arraycopy(input, to, out, from + fits * by.length, input.length - to);
    return out;
  }
}
