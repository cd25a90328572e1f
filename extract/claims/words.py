"""Function words and nouns that shape a sentence: what each of them is to the chunker.

Kinds of items, one character each:
    A actor   C company   W weapon   M money   Y year   N number   V verb trigger   T noun trigger
    P preposition   & and, or   R relative pronoun   S conjunction that opens a clause   X be, have   F modal
    G negation   I institution noun   L firm noun   p pronoun   D determiner   B service noun   U unit of weapons
    K condition   E more, further   v verb of another matter   o any other word   , ; : - ( ) " punctuation
"""

from __future__ import annotations


def _split(words: str) -> tuple[str, ...]:
    """Words of a line; an underscore stands for a blank."""
    return tuple(word.replace("_", " ") for word in words.split())


_KINDS: dict[str, str] = {
    "P": """to from by for of with in at on under between against into over through via aboard amid across within
        without toward towards about near among amongst upon including like per as_part_of out_of on_behalf_of
        because_of due_to owing_to instead_of in_place_of in_addition_to as_well_as along_with together_with
        in_return_for in_exchange_for according_to ahead_of prior_to apart_from rather_than besides beyond
        excluding except plus
        alongside off out onto beneath behind since until till during worth_of inside outside such_as""",
    "&": "and or nor",
    "R": "which that who whom whose where",
    "S": """but while whereas although though because if unless whether after before when once so yet however meanwhile
        then as than""",
    "X": """is are was were be been being am isn aren wasn weren has have had having hasn haven hadn do does did doing
        don doesn didn s_been""",
    "F": "will would shall should may might can could must ought won wouldn shouldn couldn",
    "G": "not never no none neither without cannot nothing nobody",
    "p": "it they he she we them him her us i you themselves itself",
    "D": "a an the its their his her our this these those that such some any every all several many few my your",
    "E": "more additional further another extra second follow_on third fourth fifth",
    "K": """used second_hand secondhand surplus ex former formerly retired decommissioned refurbished overhauled
        upgraded modernised modernized reconditioned new newly brand_new pre_owned preowned cast_off old older ageing
        aging mothballed rebuilt refitted renovated redundant stored excess hand_me_down unused factory_new fresh
        newbuild new_build newly_built retiring converted""",
    "I": """government governments ministry ministries army armies navy navies military militaries forces armed_forces
        air_force air_forces air_arm marines marine_corps marine coast_guard coastguard police cabinet parliament troops
        soldiers president premier prime_minister minister ministers defence_minister defense_minister officials
        official authorities regime junta administration side defence_ministry defense_ministry ministry_of_defence
        ministry_of_defense department_of_defence department_of_defense department_of_defense national_guard
        border_guard border_guards special_forces gendarmerie gendarmes state states republic kingdom capital country
        nation emirate island island_state city_state sultanate ally generals commanders rebels separatists insurgents
        militia militias leader leaders leadership chancellor king monarchy general_staff land_forces ground_forces
        naval_forces air_defence_forces air_defense_forces defence_forces defense_forces defence_force defense_force
        self_defense_forces self_defence_forces air_self_defense_force maritime_self_defense_force
        ground_self_defense_force procurement_agency arms_procurement_agency defence_staff lawmakers senate congress
        federal_government security_forces army_aviation naval_aviation coastal_defence customer buyer recipient
        client service services fleet fleets corps inventory air_corps armada defence_department defense_department
        procurement_authorities people voters citizens peacekeepers contingent mission delegation ambassador embassy
        naval_service squadron_command command brigade battalion_command presidency foreign_ministry interior_ministry
        defence_secretary defense_secretary defence_procurement_agency defense_procurement_agency""",
    "L": """company companies firm firms manufacturer manufacturers maker makers shipyard shipyards shipbuilder
        shipbuilders yard yards builder supplier suppliers group producer contractor contractors consortium
        joint_venture
        consortia subsidiaries subsidiary vendor vendors industry conglomerate planemaker aerospace_company
        defence_company defense_company
        defence_group defense_group arms_maker arms_company arms_exporter exporter seller prime_contractor corporation
        concern holding works factory plant facility startup start_up arms_manufacturer aircraft_maker drone_maker
        tankmaker
        shipbuilding_company defence_firm defense_firm state_company state_exporter state_arms_exporter arm unit""",
    "B": """training trainers maintenance support upgrade upgrades modernisation modernization overhaul overhauls
        refurbishment spare_parts spares parts components component simulator simulators ammunition sustainment repair
        repairs servicing services logistics integration testing trials test tests demonstration exercise exercises
        instruction courses lessons technology software maintenance_contract support_contract replacement
        successor successors deployment operation operations production assembly_line development programme_office
        facility facilities base bases pilots crews crew mechanics technicians instructors pilot gunners operators
        hangar hangars infrastructure documentation manuals warheads shells rounds munitions study studies design
        prototype prototypes lookalike copy copies clone accident crash wreck wreckage losses loss footage photo
        photos image images museum history story film display formation squadron_anniversary retrofit upgrade_kits
        upgrade_package life_extension mid_life_upgrade landing_gear spare_engines tyres wings fuselages""",
    "U": """battery batteries battalion battalions regiment regiments unit units system systems set sets squadron
        squadrons brigade brigades company_sets launcher launchers flight wing division divisions fire_unit fire_units
        battalion_set battalion_sets pair pairs couple handful dozens hundreds scores thousands number batch batches
        lot lots fleet series package quantity consignment shipment tranche examples example pieces copies
        shipload total variety range mix trio quartet duo pod pods""",
    "v": """upgrade upgrading modernise modernising modernize modernizing maintain
        maintains maintained maintaining repair repairing repaired operate operates operated operating deploy deploys
        deployed deploying fire fires fired firing launch launches launched launching destroy destroys destroyed
        destroying shoot shot hit hits capture captures captured capturing carry carries carried carrying use uses using
        fly flies flew flown flying develop develops developed developing test tested retire retires supplement
        supplements supplementing complement complementing train trains trained protect protects support
        supports supported supporting overhaul fit fits fitted fitting mount mounted mounting resemble
        resembles power powers powered powering  counter counters escort escorted patrol patrols patrolled
        unveil unveils unveiled unveiling display displayed exhibit exhibited attack attacked attacks strike
        bomb bombed crash crashed withdrew field fields fielded fielding possess possesses owns owned owning
        station stationed based house houses compete competes competed beat beats outbid rival rivals include
        includes included comprise comprises comprised comprising cover covers covered covering said says say announced
        announces announce told tells confirmed confirms confirm reported reports report added adds noted stated
        disclosed revealed declared wrote claimed claims accused accuses believes believed stressed insisted
        transported escorting sink sank sunk down downed""",
}

# Verbs of another matter that say what a deal holds: their object belongs to the deal.
CONTAIN = frozenset(
    _split("include includes included comprise comprises comprised comprising cover covers covered covering")
)
# Verbs of saying: the clause that follows is what is told.
SAYING = frozenset(
    _split(
        """said says say announced announces announce told tells confirmed confirms confirm reported reports report
        added
        adds noted stated disclosed revealed declared wrote claimed claims believes believed stressed insisted"""
    )
)

_PLAIN_PHRASES = (
    "all terrain",
    "all weather",
    "a while",
    "in order",
    "close in",
    "hand in glove",
    "hand in hand",
    "at hand",
    "off the shelf",
    "out of production",
    "set up",
    "set aside",
)
WORD_KINDS: dict[str, str] = {}
PHRASES: dict[str, str] = {}
for _kind, _words in _KINDS.items():
    for _word in _split(_words):
        (PHRASES if " " in _word else WORD_KINDS).setdefault(_word, _kind)

PREPOSITIONS_LISTED = frozenset({"including", "as well as", "along with", "together with", "plus", "alongside", "like"})
BE = frozenset(_split("is are was were be been being am isn aren wasn weren"))
HAVE = frozenset(_split("has have had having hasn haven hadn"))
FUTURE = frozenset(_split("will shall would should won wouldn shouldn"))
POSSIBLE = frozenset(_split("may might can could couldn must ought"))

PHRASES.update(dict.fromkeys(_PLAIN_PHRASES, "o"))
PHRASES.update({f"{verb} the place of": "v" for verb in ("take", "takes", "took", "taken", "taking")})
_IDIOMS = {
    "take": (
        "part",
        "place",
        "over from",
        "off",
        "note",
        "effect",
        "shape",
        "advantage",
        "up",
        "care",
        "aim",
        "stock",
        "turns",
        "cover",
    ),
    "give": ("way", "rise", "birth", "evidence"),
    "come": (
        "into force",
        "into effect",
        "under",
        "amid",
        "after",
        "as",
        "at",
        "with",
        "back",
        "close",
        "down",
        "on top of",
        "across",
        "before",
    ),
    "go": ("ahead", "on", "through", "back", "off", "down", "up", "out", "into", "with", "without"),
    "get": ("rid", "away", "under way", "underway", "back", "along"),
    "land": ("in trouble",),
}
_FORMS = {
    "take": ("take", "takes", "took", "taken", "taking"),
    "give": ("give", "gives", "gave", "given", "giving"),
    "come": ("come", "comes", "came", "coming"),
    "go": ("go", "goes", "went", "gone", "going"),
    "get": ("get", "gets", "got", "getting"),
    "land": ("land", "lands", "landed", "landing"),
}
PHRASES.update({f"{form} {tail}": "v" for verb, tails in _IDIOMS.items() for tail in tails for form in _FORMS[verb]})
# Institutions that mean a party only where a state is named with them.
NEEDS_OWNER = frozenset(
    _split(
        """side people state states capital service services leader leaders leadership mission delegation command island
        island_state ally fleet fleets inventory corps official officials embassy ambassador voters citizens lawmakers
        commanders rebels separatists insurgents militia militias troops soldiers peacekeepers contingent customer buyer
        recipient client police presidency states squadron_command nation arm unit works factory industry vendor vendors
        seller exporter holding concern group plant facility builder supplier suppliers contractor contractors
        ministers"""
    )
)
PHRASES.update({f"{verb} the place of": "v" for verb in ("take", "takes", "took", "taken", "taking")})
# Nouns of firms after which "of" or a possessive names the country of a supplier.
MODERNISED = frozenset(
    _split(
        """refurbished overhauled upgraded modernised modernized reconditioned rebuilt refitted renovated converted"""
    )
)
SECOND_HAND = frozenset(
    _split(
        """used second_hand secondhand surplus ex former formerly retired decommissioned pre_owned preowned cast_off
        mothballed redundant stored excess hand_me_down retiring old older"""
    )
)
NEW = frozenset(_split("new newly brand_new factory_new newbuild new_build newly_built"))
# Collective nouns whose number counts the weapons, and those whose number does not.
UPKEEP = frozenset(
    _split(
        """training maintenance support upgrade upgrades modernisation modernization overhaul refurbishment spare_parts
        spares parts sustainment repair repairs servicing logistics mid_life_upgrade life_extension"""
    )
)
COUNTING_UNITS = frozenset(
    _split(
        """battery batteries battalion battalions regiment regiments unit units system systems set sets launcher
        launchers fire_unit fire_units battalion_set battalion_sets examples example pieces copies pod pods"""
    )
)
GROUP_SIZES = {"pair": 2, "couple": 2, "trio": 3, "duo": 2, "quartet": 4}
UNCOUNTED_UNITS = frozenset(
    _split(
        """squadron squadrons brigade brigades handful dozens hundreds scores thousands number batch batches lot lots
        pod pods fleet series package quantity consignment shipment tranche wing division divisions shipload range
        variety mix
        flight total"""
    )
)
