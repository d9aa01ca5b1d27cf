--- watch-pane: a room watches the pane of another room's agent, for so long.
--- Guarantees: idempotent by nature (no op-id, no event); said again it lasts longer. It ends by itself, and the room of the agent is told each time.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 agent
---   3 room     the life that watches
---   4 ttlMs    0 to watch no more
---   5 seen     number of the last frame that came, 0 for a whole screen
---
--- Replies: 'ok' life of the room that the agent belongs to | 'gone' (no such agent, or its room does not beat)
---
--- uses: panes

local agent = ARGV[2]
local room = ARGV[3]
local ttlMs = tonumber(ARGV[4])
local seen = ARGV[5]

local watchers = panes.watchersKey(agent)
if ttlMs <= 0 then
	redis.call('ZREM', watchers, room)
end
local owner = panes.ownerOf(agent)
if not owner then
	return {'gone'}
end
if ttlMs > 0 then
	redis.call('ZADD', watchers, digits(now + ttlMs), room)
	redis.call('PEXPIRE', watchers, ttlMs)
	redis.call('PUBLISH', panes.channelOf(owner), 'watch ' .. agent .. ' ' .. seen)
end
return {'ok', owner}
