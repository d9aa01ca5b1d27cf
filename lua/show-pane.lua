--- show-pane: a room shows what its agent's pane looks like now, to the rooms that watch it.
--- Guarantees: nothing is sent unless somebody watches, and only by the room that the agent belongs to. Nothing of it is kept. A frame has a
--- number: one that comes twice is shown once.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 agent
---   3 room     the life that the agent belongs to
---   4 frame
---
--- Replies: number of rooms that watch, 0 where nobody does or the agent is another's
---
--- uses: panes

local agent = ARGV[2]
local room = ARGV[3]
local frame = ARGV[4]

if softly('HGET', agentKey(agent), 'room') ~= room then
	return 0
end
local watchers = panes.watchersOf(agent)
for _, watcher in ipairs(watchers) do
	redis.call('PUBLISH', panes.channelOf(watcher), 'frame ' .. agent .. ' ' .. frame)
end
return #watchers
