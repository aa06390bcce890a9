package dev.bridgehead.relay.sts;

import dev.bridgehead.dns.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the TXT records at {@code _mta-sts.DOMAIN} say (RFC 8461 §3.1). */
sealed interface StsRecord {
  /**
   * There is a policy.
   *
   * @param id of this version of it: 1-32 letters and digits
   */
  record Announced(String id) implements StsRecord {}

  /** There is none. */
  record Absent() implements StsRecord {}

  /**
   * There is something, and it counts as none.
   *
   * @param why one line that quotes nothing of it
   */
  record Unusable(String why) implements StsRecord {}

  /** Octets of a record that is read. */
  int LONGEST = 1024;

  /** "v=STSv1" with a delimiter behind it: others are other records. */
  Pattern VERSION = Pattern.compile("v=STSv1[ \t]*(;.*)?", Pattern.DOTALL);

  Pattern FIELD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[!-:<>-~]+");
  Pattern ID = Pattern.compile("id=[A-Za-z0-9]{1,32}");

  static StsRecord of(Answer<String> answer) {
    return switch (answer) {
      case Answer.Found<String>(List<String> texts) -> of(texts);
      case Answer.NoData<String>() -> new Absent();
      case Answer.NameError<String>() -> new Absent();
      case Answer.TemporaryFailure<String>(String text) -> new Unusable(text);
    };
  }

  private static StsRecord of(List<String> texts) {
    List<String> ours = texts.stream().filter(text -> VERSION.matcher(text).matches()).toList();
    return switch (ours.size()) {
      case 0 -> new Absent();
      case 1 -> one(ours.getFirst());
      default -> new Unusable("there are several TXT records of v=STSv1");
    };
  }

  /** Of an id that is there twice the first counts, as in policies. */
  private static StsRecord one(String text) {
    if (text.length() > LONGEST) {
      return new Unusable("the TXT record is longer than %d octets".formatted(LONGEST));
    }
    List<String> fields = Arrays.asList(text.split("[ \t]*;[ \t]*", -1));
    List<String> named = fields.subList(1, fields.size());
    int last = named.size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean end = i == last && named.get(i).isEmpty();
      if (!end && !FIELD.matcher(named.get(i)).matches()) {
        return new Unusable("field %d of the TXT record is none".formatted(i + 2));
      }
    }
    Optional<String> id = named.stream().filter(it -> it.startsWith("id=")).findFirst();
    if (id.isEmpty()) {
      return new Unusable("the TXT record has no id");
    }
    return ID.matcher(id.get()).matches()
        ? new Announced(id.get().substring(3))
        : new Unusable("the TXT record's id is not of 1 to 32 letters and digits");
  }
}
