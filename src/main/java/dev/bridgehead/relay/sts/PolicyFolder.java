package dev.bridgehead.relay.sts;

import dev.bridgehead.relay.routing.HostNames;
import dev.bridgehead.relay.spool.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies on disk, a file each with its domain's name: a restart must not be a way to make a relay
 * forget them. A file that can't be used counts as absent, and a write that fails loses nothing but
 * what a restart would have kept: each is one line in the log. Any thread may enter.
 */
final class PolicyFolder {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyFolder.class);

  /** No domain has this name. */
  private static final String UNFINISHED = "#unfinished";

  private static final int MOST_OCTETS = PolicyText.MOST_OCTETS;

  private static final Pattern FORM =
      Pattern.compile(
          "bridgehead mta-sts 1 ([0-9a-f]{8})\n(domain: (\\S+)\nid: ([A-Za-z0-9]{1,32})\nfetched: (\\S+)\n\n(.*))",
          Pattern.DOTALL);

  private final Disk disk;
  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param folder made where it isn't there, once there is something to keep
   */
  PolicyFolder(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /** All that is there. */
  List<Kept> load() {
    List<Kept> found = new ArrayList<>();
    if (!disk.exists(folder)) {
      return found;
    }
    try {
      for (Path file : disk.list(folder)) {
        if (file.endsWith(UNFINISHED)) {
          disk.delete(file);
        } else {
          load(file, found);
        }
      }
    } catch (IOException e) {
      LOG.warn("MTA-STS policies in {} can't be read: {}", folder, e.toString());
    }
    return found;
  }

  private void load(Path file, List<Kept> into) {
    try (InputStream in = disk.read(file, 0)) {
      byte[] octets = in.readNBytes(MOST_OCTETS);
      into.add(read(String.valueOf(file.getFileName()), octets));
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} is removed: it is no MTA-STS policy: {}", file, e.getMessage());
      remove(file);
    }
  }

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  static Kept read(String name, byte[] octets) {
    Matcher form = FORM.matcher(new String(octets, StandardCharsets.UTF_8));
    if (!form.matches()) {
      throw new IllegalArgumentException("its form is another");
    }
    String body = form.group(2);
    if (!form.group(1).equals(checksum(body))) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    if (!form.group(3).equals(name)) {
      throw new IllegalArgumentException("it belongs to another domain");
    }
    try {
      StsPolicy policy = PolicyText.read(form.group(6).getBytes(StandardCharsets.UTF_8));
      return new Kept(name, form.group(4), Instant.parse(form.group(5)), policy);
    } catch (PolicyFailure e) {
      throw new IllegalArgumentException(e.text(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its time is none", e);
    }
  }

  static byte[] write(Kept kept) {
    String body =
        "domain: %s\nid: %s\nfetched: %s\n\n%s"
            .formatted(
                kept.domain(),
                kept.id(),
                kept.fetched().truncatedTo(ChronoUnit.SECONDS),
                PolicyText.write(kept.policy()));
    return ("bridgehead mta-sts 1 " + checksum(body) + "\n" + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  void store(Kept kept) {
    lock.lock();
    try {
      disk.createFolder(folder);
      Path unfinished = folder.resolve(UNFINISHED);
      disk.delete(unfinished);
      byte[] octets = write(kept);
      try (Disk.NewFile file = disk.create(unfinished)) {
        file.write(octets, 0, octets.length);
        file.sync();
      }
      disk.rename(unfinished, file(kept.domain()));
      disk.syncFolder(folder);
    } catch (IOException e) {
      LOG.warn(
          "the MTA-STS policy of {} is not kept over a restart: {}", kept.domain(), e.toString());
    } finally {
      lock.unlock();
    }
  }

  void remove(String domain) {
    remove(file(domain));
  }

  private void remove(Path file) {
    try {
      disk.delete(file);
    } catch (IOException e) {
      LOG.warn("{} can't be removed: {}", file, e.toString());
    }
  }

  private Path file(String domain) {
    if (HostNames.fault(domain).isPresent()) {
      throw new IllegalArgumentException(domain + " is no domain's name");
    }
    return folder.resolve(domain);
  }
}
