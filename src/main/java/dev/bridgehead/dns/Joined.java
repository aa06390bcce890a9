package dev.bridgehead.dns;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One look-up out of several for the same name: what one of them found counts. */
final class Joined {
  private Joined() {}

  /**
   * @param lookups at least one
   */
  static <T> Lookup<T> of(List<Lookup<T>> lookups) {
    List<T> found = new ArrayList<>();
    @Nullable Lookup<T> withRecords = null;
    @Nullable Lookup<T> failure = null;
    @Nullable Lookup<T> noData = null;
    Dnssec proven = Dnssec.SECURE;
    for (Lookup<T> lookup : lookups) {
      switch (lookup.answer()) {
        case Answer.Found<T>(List<T> values) -> {
          found.addAll(values);
          withRecords = lookup;
        }
        case Answer.NoData<T>() -> noData = lookup;
        case Answer.NameError<T>() -> {}
        case Answer.TemporaryFailure<T> _ -> failure = lookup;
      }
      if (!(lookup.answer() instanceof Answer.TemporaryFailure<T>)) {
        proven = proven.and(lookup.dnssec());
      }
    }
    if (withRecords != null) {
      return new Lookup<>(new Answer.Found<>(found), proven, withRecords.owner());
    }
    if (failure != null) {
      return failure;
    }
    Lookup<T> denial = Objects.requireNonNullElse(noData, lookups.getFirst());
    return new Lookup<>(denial.answer(), proven, denial.owner());
  }
}
