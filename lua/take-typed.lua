--- take-typed: a room fetches the keys that were typed elsewhere into the panes of its agents.
--- Guarantees: keys are given once. Where the answer is lost they are lost with it: none is ever typed twice.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 room     the life that asks
---
--- Replies: {how long it waited in ms, {fields}, ...}
---
--- flags: allow-oom
--- uses: panes

local room = ARGV[2]

local typed = panes.typedKey(room)
local list = {}
for _, entry in ipairs(redis.call('XRANGE', typed, '-', '+')) do
	list[#list + 1] = digits(math.max(0, now - tonumber(string.match(entry[1], '^%d+'))))
	list[#list + 1] = entry[2]
end
redis.call('DEL', typed)
return list
