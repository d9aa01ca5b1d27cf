--- rooms: the rooms of this team, also those that are gone.
--- Guarantees: reads only. Whether one that has not ended in order lives, is for whoever watches its beat.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---
--- Replies: now {room, {fields of its card}, beat ('0' where there is none), ...} life that leads, '' for none
---
--- flags: no-writes
--- uses: leader, rooms

local list = {}
for _, home in ipairs(redis.call('SMEMBERS', key('rooms:joined'))) do
	local card = rooms.read(home)
	if card then
		list[#list + 1] = home
		list[#list + 1] = redis.call('HGETALL', rooms.cardKey(home))
		list[#list + 1] = rooms.beatOf(card.life) or '0'
	end
end
local leads = leader.current()
return {nowText, list, leads.token ~= '' and leads.room or ''}
