-- Opens the application's page over and over, as a portal does: by posting a form.
-- BENCH_FORM is the form's body; BENCH_ENCODING, when set, is what the browser would accept.

wrk.method = "POST"
wrk.body = os.getenv("BENCH_FORM")
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"

local encoding = os.getenv("BENCH_ENCODING")
if encoding and encoding ~= "" then
  wrk.headers["Accept-Encoding"] = encoding
end

-- wrk counts refusals itself: a callback for each response would cost the server a fifth of the
-- two cores that both share.
function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    "%.0f pages/s, latency %.2f ms on average, %.2f ms for 99 of 100, %.0f KB a page, %d failed\n",
    summary.requests / (summary.duration / 1e6),
    latency.mean / 1000,
    latency:percentile(99) / 1000,
    summary.bytes / summary.requests / 1024,
    wrong
  ))
end
