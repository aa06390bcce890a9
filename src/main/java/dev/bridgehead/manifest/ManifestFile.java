package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is in a file, as far as it could be read.
 *
 * @param name as the user gave it; {@code -} is stdin
 * @param documents the objects
 * @param faults one line each, with its place, for what could not be read
 */
public record ManifestFile(String name, List<ManifestDocument> documents, List<String> faults) {
  /** Objects that a cluster takes end at 1.5 MiB; a file may hold many. */
  static final int MAX_OCTETS = 32 << 20;

  public ManifestFile {
    documents = List.copyOf(documents);
    faults = List.copyOf(faults);
  }

  /** Reads a file, or {@code stdin} where the name is {@code -}; faults are in the result. */
  public static ManifestFile read(String name, InputStream stdin) {
    try {
      return of(name, octets(name, stdin));
    } catch (NoSuchFileException missing) {
      return unreadable(name, "no such file");
    } catch (AccessDeniedException denied) {
      return unreadable(name, "permission denied");
    } catch (IOException | InvalidPathException failure) {
      return unreadable(name, "cannot be read: " + failure.getMessage());
    }
  }

  /** Reads what is already in memory. */
  public static ManifestFile of(String name, byte[] octets) {
    if (octets.length > MAX_OCTETS) {
      return unreadable(name, "larger than 32 MiB");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      return parsed(name, text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException notText) {
      return unreadable(name, "not UTF-8 text");
    }
  }

  private static byte[] octets(String name, InputStream stdin) throws IOException {
    if (name.equals("-")) {
      return stdin.readNBytes(MAX_OCTETS + 1);
    }
    Path path = Path.of(name);
    if (Files.isDirectory(path)) {
      throw new IOException("it is a directory; name the files in it");
    }
    try (InputStream file = Files.newInputStream(path)) {
      return file.readNBytes(MAX_OCTETS + 1);
    }
  }

  private static ManifestFile parsed(String name, String text) {
    List<ManifestDocument> documents = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    for (DocumentReader.Entry entry : DocumentReader.read(text)) {
      switch (entry) {
        case DocumentReader.Entry.Readable(int index, ObjectNode tree) ->
            documents.addAll(ManifestDocument.of(name, index, tree));
        case DocumentReader.Entry.Unreadable(int index, String problem) ->
            faults.add(name + "[" + index + "]: " + problem);
        case DocumentReader.Entry.Empty empty -> {}
      }
    }
    return new ManifestFile(name, documents, faults);
  }

  private static ManifestFile unreadable(String name, String problem) {
    return new ManifestFile(name, List.of(), List.of(name + ": " + problem));
  }
}
