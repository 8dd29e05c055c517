package io.heed.core.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file cannot be read or written, in words: Java leaves the reason to the class. */
public final class FileProblem {
  private FileProblem() {}

  /** The reason, without the file's name. */
  public static String of(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    // The second where directories were to be made and a file has the name of one.
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return "not a directory";
    }
    if (e instanceof CharacterCodingException) {
      return "not UTF-8";
    }
    String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return message == null ? e.toString() : message;
  }
}
