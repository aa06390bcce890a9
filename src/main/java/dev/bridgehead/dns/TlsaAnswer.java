package dev.bridgehead.dns;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import java.util.List;

/** What a look-up of TLSA records means to SMTP (RFC 7672 §2.1.1, §2.2). */
public sealed interface TlsaAnswer {
  /**
   * There are records, and they are proven. Whether one of them can be used is another question.
   *
   * @param records at least one
   */
  record Secure(List<TlsaRecord> records) implements TlsaAnswer {
    public Secure {
      records = List.copyOf(records);
    }
  }

  /** It is proven that there are none. */
  record Absent() implements TlsaAnswer {}

  /** Nothing is proven and nothing was to be: records, if any, count as absent. */
  record Insecure() implements TlsaAnswer {}

  /**
   * It can't be told, or the proof does not hold: this host must not be tried at present.
   *
   * @param text one line
   */
  record Failed(String text) implements TlsaAnswer {}

  static TlsaAnswer of(Lookup<TlsaRecord> lookup) {
    return switch (lookup.answer()) {
      case TemporaryFailure<TlsaRecord>(String text) -> new Failed(text);
      case Found<TlsaRecord>(List<TlsaRecord> records) ->
          lookup.dnssec().secure() ? new Secure(records) : new Insecure();
      case NoData<TlsaRecord>() -> denied(lookup.dnssec());
      case NameError<TlsaRecord>() -> denied(lookup.dnssec());
    };
  }

  private static TlsaAnswer denied(Dnssec dnssec) {
    return dnssec.secure() ? new Absent() : new Insecure();
  }
}
