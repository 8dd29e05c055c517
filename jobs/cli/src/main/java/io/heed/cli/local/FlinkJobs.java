package io.heed.cli.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What Flink's REST interface reports about jobs at one moment.
 *
 * @param running jobs of which every task runs
 * @param finished jobs that came to their end
 * @param answered whether it responded
 */
record FlinkJobs(Set<String> running, Set<String> finished, boolean answered) {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Without a response no job runs. */
  static FlinkJobs read(HttpClient http, String flinkUrl) {
    Set<String> running = new HashSet<>();
    Set<String> finished = new HashSet<>();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(flinkUrl + "/jobs/overview")).timeout(TIMEOUT).build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() == 200) {
        for (JsonNode job : JSON.readTree(response.body()).path("jobs")) {
          JsonNode tasks = job.path("tasks");
          boolean everyTask =
              tasks.path("total").asInt()
                  == tasks.path("running").asInt() + tasks.path("finished").asInt();
          String state = job.path("state").asText();
          if (state.equals("RUNNING") && everyTask) {
            running.add(job.path("name").asText());
          } else if (state.equals("FINISHED")) {
            finished.add(job.path("name").asText());
          }
        }
        return new FlinkJobs(running, finished, true);
      }
    } catch (IOException e) {
      // Not yet up, or just restarting.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new FlinkJobs(running, finished, false);
  }

  /** Whether Flink responds and each of the jobs runs or has finished. */
  boolean areUp(Collection<String> jobs) {
    return answered
        && jobs.stream().allMatch(job -> running.contains(job) || finished.contains(job));
  }

  boolean haveFinished(Collection<String> jobs) {
    return answered && finished.containsAll(jobs);
  }
}
