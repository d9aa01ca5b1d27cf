--- snapshot: the state at one stream id, in one call whose size does not grow with the queue.
--- Guarantees: reads only; everything is exactly of the returned id. Tasks, without long texts: all leases (at most 2,000), the heads of
--- every role's ready sets (100 a role, shared by its sets, at least 4 of each), tasks reserved for an agent, the 100 that have waited
--- longest for a human, the 100 delayed ones due next, the 100 oldest unfinished, the 100 last finished and the 100 last failed. Counts
--- cover all tasks.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 eventCount newest entries to return
---
--- Replies: as one JSON text (written and parsed many times faster than thirty thousand replies), an empty list as {}: now streamId
--- {control} {agent, {fields}, beat, ...} {{locks}, {waiters}} {events, newest first} {task, {fields}, ...} {state, count, ...} {feature,
--- {fields}, ...} of the newest hundred, newest first
---
--- flags: no-writes
--- uses: lock-view, window

local eventCount = tonumber(ARGV[2])

local agents = {}
local roles = {}
for _, agent in ipairs(redis.call('ZRANGE', key('agents:index'), 0, 1999)) do
	local beat = softly('GET', key('heartbeat:' .. agent))
	agents[#agents + 1] = agent
	agents[#agents + 1] = redis.call('HGETALL', agentKey(agent))
	roles[redis.call('HGET', agentKey(agent), 'role') or ''] = true
	agents[#agents + 1] = beat and string.match(beat, '^%d+$') or '0'
end
local events = redis.call('XREVRANGE', key('events'), '+', '-', 'COUNT', math.max(1, eventCount))
local streamId = events[1] and events[1][1] or '0-0'
local features = {}
for _, feature in ipairs(redis.call('ZREVRANGE', key('features'), 0, 99)) do
	features[#features + 1] = feature
	features[#features + 1] = redis.call('HGETALL', key('features:' .. feature))
end
return cjson.encode({nowText, streamId, redis.call('HGETALL', key('control')), agents, lockView.rows(), events, window.read(roles), window.counts(), features})
