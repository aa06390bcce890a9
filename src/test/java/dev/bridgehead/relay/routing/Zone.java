package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.TlsaRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names for one test, and what was asked for. The real name server is in DnsResolverIT. */
final class Zone implements Resolver {
  private final Map<String, Answer<MailExchanger>> exchangers = new HashMap<>();
  private final Map<String, Answer<InetAddress>> hosts = new HashMap<>();
  private final List<String> asked = new ArrayList<>();

  /** {@code "10 mx1.example.test"}; a preference alone is a null MX. */
  Zone mx(String domain, String... records) {
    List<MailExchanger> all =
        Arrays.stream(records)
            .map(record -> record.split(" ", 2))
            .map(
                parts ->
                    new MailExchanger(Integer.parseInt(parts[0]), parts.length > 1 ? parts[1] : ""))
            .toList();
    exchangers.put(domain, new Answer.Found<>(all));
    return this;
  }

  Zone mx(String domain, Answer<MailExchanger> answer) {
    exchangers.put(domain, answer);
    return this;
  }

  synchronized Zone host(String name, String... addresses) {
    hosts.put(
        name, new Answer.Found<>(Arrays.stream(addresses).map(InetAddress::ofLiteral).toList()));
    return this;
  }

  Zone host(String name, Answer<InetAddress> answer) {
    hosts.put(name, answer);
    return this;
  }

  List<String> asked() {
    return asked;
  }

  @Override
  public synchronized Lookup<MailExchanger> mx(String domain) {
    asked.add(domain);
    return insecure(
        domain,
        exchangers.getOrDefault(
            domain, hosts.containsKey(domain) ? new Answer.NoData<>() : new Answer.NameError<>()));
  }

  @Override
  public Lookup<String> alias(String host) {
    throw new UnsupportedOperationException("no test here asks for an alias");
  }

  @Override
  public Lookup<TlsaRecord> tlsa(String host, int port) {
    throw new UnsupportedOperationException("no test here asks for TLSA records");
  }

  @Override
  public Lookup<String> txt(String name) {
    throw new UnsupportedOperationException("no test here asks for TXT records");
  }

  private static <T> Lookup<T> insecure(String name, Answer<T> answer) {
    return new Lookup<>(
        answer,
        answer instanceof Answer.TemporaryFailure<T>(String text)
            ? new Dnssec.Indeterminate(text)
            : Dnssec.INSECURE,
        name);
  }

  @Override
  public synchronized Lookup<InetAddress> addresses(String host, Set<IpVersion> versions) {
    asked.add(host);
    return insecure(host, answer(host, versions));
  }

  private Answer<InetAddress> answer(String host, Set<IpVersion> versions) {
    Answer<InetAddress> answer = hosts.getOrDefault(host, new Answer.NameError<>());
    if (!(answer instanceof Answer.Found<InetAddress>(List<InetAddress> all))) {
      return answer;
    }
    List<InetAddress> wanted =
        versions.stream()
            .flatMap(
                version ->
                    all.stream()
                        .filter(it -> (it.getAddress().length == 4) == (version == IpVersion.IPV4)))
            .toList();
    return wanted.isEmpty() ? new Answer.NoData<>() : new Answer.Found<>(wanted);
  }
}
