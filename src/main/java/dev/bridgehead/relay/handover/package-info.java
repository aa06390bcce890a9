/**
 * Mail that changes hands between pods of one bridgehead, when one of them is drained. Depends on
 * {@code manifest} (for the proofs), {@code mail}, {@code config}, {@code spool}, {@code queue} and
 * {@code routing}; docs/draining.md says why each crash is safe.
 *
 * <p>What is said when, from the pod that goes (its spool's UUID, its queue ids) to one that stays:
 *
 * <ol>
 *   <li>The sibling's name is written down ({@code OfferedTo}) and synced.
 *   <li>{@code hello}: a nonce there, another back, with the proof that the sibling knows the
 *       bridgehead's token. All that follows proves itself in the same way, both ways ({@code
 *       SiblingRequest}); who does not prove it gets nothing, and nothing it says counts.
 *   <li>{@code begin}: a new session, named by both nonces. The answer names all of ours that the
 *       sibling has and that were not confirmed. Those leave our queue; what was in doubt and is
 *       not named stays.
 *   <li>{@code offer}, several at a time: the message goes out of the queue into a hand ({@code
 *       Departures}), and to the sibling. It stores it with its origin in one group commit and
 *       answers its own queue id; to a repeat, the same. Then it is recorded as gone here. Where
 *       the sibling refuses, it is put back; where no proven answer comes, it stays in hand, and 2
 *       again.
 *   <li>{@code confirm}, many at once, after a sync: the sibling forgets the origins ({@code
 *       Arrivals}).
 *   <li>When nothing is open with anybody, the names are struck off.
 * </ol>
 *
 * <p>A start that finds names has everything it recovers in hand, until each of them has answered
 * 3. One thread of {@code HandOver} confirms and has siblings asked, by one more for each that is;
 * eight of {@code Offers} offer; all with {@code Books}; the server's threads in {@code
 * SiblingServer} and {@code TakeOver}.
 */
@NullMarked
package dev.bridgehead.relay.handover;

import org.jspecify.annotations.NullMarked;
