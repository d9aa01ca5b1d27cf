--- heartbeat: a room's heartbeats for itself and its agents, and renewal of all its leases; large rooms send several pieces, each with its
--- own agents and leases.
--- Guarantees: idempotent by nature (no op-id, no event). A heartbeat's value only grows, even if the key expired or the clock was set
--- back; it is the server's time while the clock behaves. Superseded tokens are named, never renewed: a room may send the token of a result
--- that it has just written beside that of the next attempt at the same task.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 room
---   3 leaseMs
---   4 ttlMs
---   5 load     of its machine: percent of its cores, '' in all pieces but the first
---   6 memory   of its machine that is free, bytes
---   7 draining 1 while it takes no more tasks, '' otherwise
---   8 reaches  1 unless its remote is away for it
---   9 agentCount
---   10 entries... the agents, then agent, task and token of each lease held
---
--- Replies: now {superseded token, ...} {agent, task, token of every lease of these agents, ...} {waiting agent, ...}
---
--- flags: allow-oom
--- uses: renewal, rooms

local room = ARGV[2]
local leaseMs = tonumber(ARGV[3])
local ttlMs = tonumber(ARGV[4])
local load = ARGV[5]
local memory = ARGV[6]
local draining = ARGV[7]
local reaches = ARGV[8]
local agentCount = tonumber(ARGV[9])
local entries = fieldsFrom(10)

local sequence = digits(math.max(now, (tonumber(redis.call('GET', key('beats')) or '0') or 0) + 1))
--- A full server refuses scripts at their first write that may need memory. This write frees some, so that heartbeats and leases continue
--- while nothing new is claimed.
redis.call('DEL', key('beats:full'))
redis.call('SET', key('beats'), sequence)
redis.call('SET', key('heartbeat:room:' .. room), sequence, 'PX', ttlMs)
--- The index names the lease by which this room is judged, and covers its agents: also those of other pieces, later ones, and all of a room
--- that was given up too early.
redis.call('ZADD', key('rooms:index'), leaseMs, room)
if load ~= '' then
	rooms.lives(room, load, memory, draining, reaches)
end
if agentCount > 0 then
	redis.call('SADD', key('rooms:agents:' .. room), unpack(entries, 1, agentCount))
end

local stale = {}
for index = agentCount + 1, #entries, 3 do
	if renewal.renew(entries[index + 1], entries[index + 2], leaseMs) ~= 'ok' then
		stale[#stale + 1] = entries[index + 2]
	end
end
local leases = {}
for index = 1, agentCount do
	local agent = entries[index]
	local held = redis.call('HMGET', agentKey(agent), 'room', 'task', 'token')
	if held[1] == room then
		redis.call('SET', key('heartbeat:' .. agent), sequence, 'PX', ttlMs)
		redis.call('HSET', agentKey(agent), 'beatAt', nowText)
		if (held[3] or '') ~= '' then
			leases[#leases + 1] = agent
			leases[#leases + 1] = held[2]
			leases[#leases + 1] = held[3]
		end
	end
end
local waiting = {}
if agentCount > 0 then
	for index, since in ipairs(redis.call('ZMSCORE', key('waiting'), unpack(entries, 1, agentCount))) do
		if since then
			waiting[#waiting + 1] = entries[index]
		end
	end
end
return {nowText, stale, leases, waiting}
