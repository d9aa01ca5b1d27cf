--- What waited for the end of a lock.
--- uses: handing, locks

--- Tasks that a lock on paths kept from everybody else are given to those who wait in the step that ends it.
local function serve()
	if locks.hasFreedPath() then
		handing.serve()
	end
end

return {serve = serve}
