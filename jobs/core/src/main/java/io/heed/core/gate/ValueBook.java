package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.optimizer.CampaignFactor;
import io.heed.core.optimizer.ValueModel;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The value models of lists and the factors of campaigns, by the instant from which each version
 * holds: which one decides depends on a request's own instant alone, like configuration. Bounded:
 * of each list and campaign the newest versions are kept, and of these those that were in use last.
 * Not safe for concurrent use.
 */
public final class ValueBook {
  /** A version and its name. */
  record Version<T>(String name, T content) {}

  private static final int MODELS_KEPT = 10;
  private static final int FACTORS_KEPT = 300;
  private static final int LISTS_KEPT = 500;
  private static final int CAMPAIGNS_KEPT = 5_000;

  private final Map<String, NavigableMap<Long, Version<ValueModel>>> models = bounded(LISTS_KEPT);
  private final Map<String, NavigableMap<Long, Version<CampaignFactor>>> factors =
      bounded(CAMPAIGNS_KEPT);
  private long unreadable;

  /** A map from which the key that was not in use for longest goes. */
  private static <V> Map<String, V> bounded(int kept) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > kept;
      }
    };
  }

  /** Takes a version; one that is known changes nothing. */
  public void add(ValueModelVersion version) {
    if (version.part().startsWith(ValueModelVersion.CAMPAIGN)
        && version.clickMillis() != null
        && version.optOutMillis() != null) {
      CampaignFactor factor =
          new CampaignFactor(version.clickMillis(), version.optOutMillis(), version.ready());
      add(factors, version.key(), version, factor, FACTORS_KEPT);
    } else if (version.part().equals(ValueModelVersion.MODEL) && version.tables() != null) {
      ValueModel model = read(version.tables());
      if (model != null) {
        add(models, version.listId(), version, model, MODELS_KEPT);
      }
    }
  }

  private ValueModel read(String tables) {
    try {
      BinaryReader in = new BinaryReader(Base64.getDecoder().decode(tables));
      return BinaryReader.whole(in, ValueModel::read);
    } catch (BinaryException | IllegalArgumentException e) {
      // Of another release: as if there were none.
      unreadable++;
      return null;
    }
  }

  private static <T> void add(
      Map<String, NavigableMap<Long, Version<T>>> all,
      String key,
      ValueModelVersion version,
      T content,
      int kept) {
    NavigableMap<Long, Version<T>> versions = all.computeIfAbsent(key, unused -> new TreeMap<>());
    versions.put(version.effectiveFrom(), new Version<>(version.modelVersion(), content));
    if (versions.size() > kept) {
      versions.pollFirstEntry();
    }
  }

  /** How many models could not be read. */
  public long unreadable() {
    return unreadable;
  }

  /** The list's model that decides at an instant; null if there is none, or if it is too old. */
  Version<ValueModel> model(String list, long instant) {
    Map.Entry<Long, Version<ValueModel>> held = floor(models, list, instant);
    return held == null
            || instant - held.getKey() > ValueModel.MAX_AGE_MILLIS
            || !held.getValue().content().ready()
        ? null
        : held.getValue();
  }

  /** What was known of a campaign at an instant; null for nothing. */
  Version<CampaignFactor> factor(String list, String campaign, long instant) {
    Map.Entry<Long, Version<CampaignFactor>> held =
        floor(factors, list + "|" + ValueModelVersion.CAMPAIGN + campaign, instant);
    return held == null ? null : held.getValue();
  }

  private static <T> Map.Entry<Long, Version<T>> floor(
      Map<String, NavigableMap<Long, Version<T>>> all, String key, long instant) {
    NavigableMap<Long, Version<T>> versions = all.get(key);
    return versions == null ? null : versions.floorEntry(instant);
  }
}
