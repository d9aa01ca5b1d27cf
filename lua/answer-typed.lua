--- answer-typed: a room says whether it typed a line that a person at another room sent for one of its agents.
--- Guarantees: sent only by the room that the agent belongs to, and only to the one that the line came from. Nothing of it is kept.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 agent
---   3 room     the life that the agent belongs to
---   4 to       the life that the line came from
---   5 number   of the line, as it was typed there
---   6 why      it was not typed, '' if it was
---
--- Replies: 'ok' | 'gone' (the agent is another room's)
---
--- uses: panes

local agent = ARGV[2]
local room = ARGV[3]
local to = ARGV[4]
local number = ARGV[5]
local why = ARGV[6]

if softly('HGET', agentKey(agent), 'room') ~= room then
	return {'gone'}
end
redis.call('PUBLISH', panes.channelOf(to), 'answer ' .. agent .. ' ' .. number .. ' ' .. why)
return {'ok'}
