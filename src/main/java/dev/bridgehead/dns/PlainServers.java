package dev.bridgehead.dns;

import dev.bridgehead.dns.FailoverResolver.NoAnswer;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * What the servers say is taken as it is. Whether a reply's AD bit (RFC 4035 §3.2.3) means anything
 * depends on who sent it over which wire: only whoever runs this can know.
 */
final class PlainServers implements Servers {
  private final org.xbill.DNS.Resolver resolver;
  private final Executor executor;
  private final Dnssec withoutProof;
  private final boolean trusted;

  private PlainServers(
      org.xbill.DNS.Resolver resolver, Executor executor, Dnssec withoutProof, boolean trusted) {
    this.resolver = resolver;
    this.executor = executor;
    this.withoutProof = withoutProof;
    this.trusted = trusted;
  }

  /** Every reply has the same state. */
  static Servers stating(Dnssec dnssec, org.xbill.DNS.Resolver resolver, Executor executor) {
    return new PlainServers(resolver, executor, dnssec, false);
  }

  /** The servers validate, and nobody can change what they say on its way. */
  static Servers trusted(org.xbill.DNS.Resolver resolver, Executor executor) {
    return new PlainServers(resolver, executor, Dnssec.INSECURE, true);
  }

  @Override
  public Reply ask(Name name, int type) throws LookupFailure {
    Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    if (trusted) {
      query.getHeader().setFlag(Flags.AD); // RFC 6840 §5.7: say whether it is proven
    }
    try {
      Message reply = resolver.sendAsync(query, executor).toCompletableFuture().get();
      boolean proven = trusted && reply.getHeader().getFlag(Flags.AD);
      return new Reply(reply, proven ? Dnssec.SECURE : withoutProof);
    } catch (ExecutionException e) {
      throw failure(LookupFailure.cause(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw LookupFailure.unanswered("interrupted");
    }
  }

  private LookupFailure failure(Throwable cause) {
    if (cause instanceof NoAnswer none && trusted && none.bogus() != null) {
      return LookupFailure.bogus(String.valueOf(none.getMessage()));
    }
    String message = cause.getMessage();
    return LookupFailure.unanswered(
        cause instanceof IOException && message != null
            ? message
            : "the reply can't be read (" + cause.getClass().getSimpleName() + ")");
  }
}
