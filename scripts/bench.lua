-- Opens the application's page over and over, as a portal does: by posting a form.
-- BENCH_FORM is the form's body; BENCH_ENCODING, when set, is what the browser would accept.

wrk.method = "POST"
wrk.body = os.getenv("BENCH_FORM")
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"

local encoding = os.getenv("BENCH_ENCODING")
if encoding and encoding ~= "" then
  wrk.headers["Accept-Encoding"] = encoding
end

-- Threads have states of their own, so what they count is read from them at the end.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  refused = 0
end

function response(status)
  if status ~= 200 then
    refused = refused + 1
  end
end

function done(summary, latency)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("refused")
  end
  io.write(string.format(
    "%.0f pages/s, latency %.2f ms on average, %.2f ms for 99 of 100, %.0f KB a page, %d failed\n",
    summary.requests / (summary.duration / 1e6),
    latency.mean / 1000,
    latency:percentile(99) / 1000,
    summary.bytes / summary.requests / 1024,
    wrong
  ))
end
