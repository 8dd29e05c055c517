package io.heed.core.outcomes;

import io.heed.core.codec.Hash64;
import java.util.List;

/**
 * What a campaign's factors are made of, as soon as it is known: a message, the first click on one,
 * or an opt-out because of one.
 *
 * @param list of the campaign
 * @param campaign id
 * @param tags of a message; else none
 * @param kind what it is
 * @param minute of the event since 1970
 * @param group of a message: class of the person who got it
 * @param fatigueMillis of a message: fatigue that it met, by half-life
 */
public record CampaignFact(
    String list,
    String campaign,
    List<String> tags,
    Kind kind,
    long minute,
    int group,
    List<Integer> fatigueMillis) {
  /** What is known of a campaign. */
  public enum Kind {
    SENT,
    CLICKED,
    LEFT
  }

  /** The campaign's key: campaigns of two lists are two, whatever their ids. */
  public long key() {
    return Hash64.of(list.length() + "|" + list + campaign);
  }
}
