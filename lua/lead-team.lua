--- lead-team: a room renews that it leads its team, or takes the lead where nobody has it any more.
--- Guarantees: idempotent by nature (no op-id): who leads and asks again leads, under the same token while it names that. Of several that have
--- seen the same leader stand still one takes its place. A life that another has replaced never leads.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 room
---   3 token   that it leads with, '' for none
---   4 nonce
---   5 seen    the leader that it has seen stand still for a whole lease, as this script answered it, '' for none
---
--- Replies: 'ok' token | 'other' what to name as `seen` once it has stood still, room | 'gone' (it has not joined)
---
--- flags: allow-oom
--- uses: leader, rooms

local room = ARGV[2]
local token = ARGV[3]
local nonce = ARGV[4]
local seen = ARGV[5]

needsRecord()
local leads = leader.current()
if leads.token ~= '' and leads.token == token then
	redis.call('HINCRBY', key('leader'), 'renewals', 1)
	return {'ok', token}
end
local card = rooms.read(rooms.homeOf(room), 'host')
if not card or card.life ~= room then
	return {'gone'}
end
local stands = leads.token .. ' ' .. leads.renewals
if leads.token ~= '' and leads.room ~= room and seen ~= stands then
	return {'other', stands, leads.room}
end
local next = leader.begin(room, nonce)
if leads.room ~= '' and rooms.homeOf(leads.room) ~= rooms.homeOf(room) then
	emit('leader_changed', '', '', card.host .. ' leads the team now', {}, 'room:' .. room .. ':leads')
end
return {'ok', next}
