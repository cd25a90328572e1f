"""What SIPRI's register is known to write for a party resolves; all members of the United Nations are among them."""

from __future__ import annotations

import pytest

from extract.trade_registers.parties import resolve_party

# How SIPRI writes the 193 members of the United Nations today, with the code that each must get: from general knowledge
# of its trade registers, written down apart from the seeds so that a name lost there is noticed here.
UN_MEMBERS = """
AFG: Afghanistan; ALB: Albania; DZA: Algeria; AND: Andorra; AGO: Angola; ATG: Antigua and Barbuda; ARG: Argentina;
ARM: Armenia; AUS: Australia; AUT: Austria; AZE: Azerbaijan; BHS: Bahamas; BHR: Bahrain; BGD: Bangladesh; BRB:
Barbados; BLR: Belarus; BEL: Belgium; BLZ: Belize; BEN: Benin; BTN: Bhutan; BOL: Bolivia; BIH: Bosnia-Herzegovina;
BWA: Botswana; BRA: Brazil; BRN: Brunei; BGR: Bulgaria; BFA: Burkina Faso; BDI: Burundi; CPV: Cabo Verde; KHM:
Cambodia; CMR: Cameroon; CAN: Canada; CAF: Central African Republic; TCD: Chad; CHL: Chile; CHN: China; COL: Colombia;
COM: Comoros; COG: Congo; COD: DR Congo; CRI: Costa Rica; CIV: Cote d'Ivoire; HRV: Croatia; CUB: Cuba; CYP: Cyprus;
CZE: Czechia; DNK: Denmark; DJI: Djibouti; DMA: Dominica; DOM: Dominican Republic; ECU: Ecuador; EGY: Egypt; SLV: El
Salvador; GNQ: Equatorial Guinea; ERI: Eritrea; EST: Estonia; SWZ: eSwatini; ETH: Ethiopia; FJI: Fiji; FIN: Finland;
FRA: France; GAB: Gabon; GMB: Gambia; GEO: Georgia; DEU: Germany; GHA: Ghana; GRC: Greece; GRD: Grenada; GTM:
Guatemala; GIN: Guinea; GNB: Guinea-Bissau; GUY: Guyana; HTI: Haiti; HND: Honduras; HUN: Hungary; ISL: Iceland; IND:
India; IDN: Indonesia; IRN: Iran; IRQ: Iraq; IRL: Ireland; ISR: Israel; ITA: Italy; JAM: Jamaica; JPN: Japan; JOR:
Jordan; KAZ: Kazakhstan; KEN: Kenya; KIR: Kiribati; KWT: Kuwait; KGZ: Kyrgyzstan; LAO: Laos; LVA: Latvia; LBN:
Lebanon; LSO: Lesotho; LBR: Liberia; LBY: Libya; LIE: Liechtenstein; LTU: Lithuania; LUX: Luxembourg; MDG: Madagascar;
MWI: Malawi; MYS: Malaysia; MDV: Maldives; MLI: Mali; MLT: Malta; MHL: Marshall Islands; MRT: Mauritania; MUS:
Mauritius; MEX: Mexico; FSM: Micronesia; MDA: Moldova; MCO: Monaco; MNG: Mongolia; MNE: Montenegro; MAR: Morocco; MOZ:
Mozambique; MMR: Myanmar; NAM: Namibia; NRU: Nauru; NPL: Nepal; NLD: Netherlands; NZL: New Zealand; NIC: Nicaragua;
NER: Niger; NGA: Nigeria; PRK: North Korea; MKD: North Macedonia; NOR: Norway; OMN: Oman; PAK: Pakistan; PLW: Palau;
PAN: Panama; PNG: Papua New Guinea; PRY: Paraguay; PER: Peru; PHL: Philippines; POL: Poland; PRT: Portugal; QAT:
Qatar; ROU: Romania; RUS: Russia; RWA: Rwanda; KNA: Saint Kitts and Nevis; LCA: Saint Lucia; VCT: Saint Vincent; WSM:
Samoa; SMR: San Marino; STP: Sao Tome and Principe; SAU: Saudi Arabia; SEN: Senegal; SRB: Serbia; SYC: Seychelles;
SLE: Sierra Leone; SGP: Singapore; SVK: Slovakia; SVN: Slovenia; SLB: Solomon Islands; SOM: Somalia; ZAF: South
Africa; KOR: South Korea; SSD: South Sudan; ESP: Spain; LKA: Sri Lanka; SDN: Sudan; SUR: Suriname; SWE: Sweden; CHE:
Switzerland; SYR: Syria; TJK: Tajikistan; TZA: Tanzania; THA: Thailand; TLS: Timor-Leste; TGO: Togo; TON: Tonga; TTO:
Trinidad and Tobago; TUN: Tunisia; TUR: Turkiye; TKM: Turkmenistan; TUV: Tuvalu; ARE: UAE; UGA: Uganda; UKR: Ukraine;
GBR: United Kingdom; USA: United States; URY: Uruguay; UZB: Uzbekistan; VUT: Vanuatu; VEN: Venezuela; VNM: Viet Nam;
YEM: Yemen; ZMB: Zambia; ZWE: Zimbabwe
"""

# Other spellings of states, in older editions and in copies that passed through spreadsheets.
OTHER_SPELLINGS = """
BIH: Bosnia and Herzegovina; BRN: Brunei Darussalam; CPV: Cape Verde; COG: Republic of Congo; COG: Congo, Republic of;
COG: Congo, Republic; COD: Congo, DR; CIV: Côte d'Ivoire; CIV: Côte d’Ivoire; CIV: Cote dIvoire; CZE: Czech Republic;
SWZ: Swaziland; DEU: Germany (FRG); DEU: West Germany; PRK: Korea, North; PRK: Korea North; KOR: Korea, South; KOR:
Korea South; MKD: Macedonia (FYROM); MKD: FYROM; MMR: Myanmar (Burma); VCT: Saint Vincent and the Grenadines; VCT:
Saint Vincent & the Grenadines; VCT: St Vincent & Grenadines; KNA: St Kitts and Nevis; LCA: St. Lucia; STP: São Tomé
and Príncipe; TLS: East Timor; TUR: Turkey; TUR: Türkiye; ARE: United Arab Emirates; VNM: Vietnam; USA: USA; GBR: UK;
TWN: Taiwan; TWN: Taiwan (ROC); XKX: Kosovo; PSE: Palestine; ABW: Aruba; Northern Cyprus: Northern Cyprus; LBY: Libya
GNC; LNA: Libya HoR
"""

# States that are gone, and what the register writes where no party is told.
OTHER_MEMBERS = """
SUHH: Soviet Union; YUCS: Yugoslavia; CSHH: Czechoslovakia; DDDE: East Germany (GDR); DDDE: German DR; North Yemen:
North Yemen; YDYE: South Yemen; South Vietnam: South Vietnam; South Vietnam: South Viet Nam; VDVN: North Viet Nam;
Biafra: Biafra; Katanga: Katanga; unknown: unknown supplier(s); unknown: unknown recipient(s); unknown: Unknown
supplier(s); unknown: Multiple sellers; unknown: unknown country
"""

# Organisations have two stars, armed groups one, with the state where they fight or fought.
STARRED = """
AU: African Union**; EU: European Union**; NATO: NATO**; OSCE: OSCE**; RSS: Regional Security System**; UN: United
Nations**; Amal: Amal (Lebanon)*; ANC: ANC (South Africa)*; Anti-Castro rebels: Anti-Castro rebels (Cuba)*; Armas:
Armas (Guatemala)*; Contras: Contras (Nicaragua)*; Darfur rebels: Darfur rebels (Sudan)*; ELF: ELF (Ethiopia)*; EPLF:
EPLF (Ethiopia)*; FAN: FAN (Chad)*; FMLN: FMLN (El Salvador)*; FNLA: FNLA (Angola)*; FRELIMO: FRELIMO (Portugal)*;
GUNT: GUNT (Chad)*; Haitian rebels: Haiti rebels (Haiti)*; Hamas: Hamas (Palestine)*; Hamas: Hamas
(Israel/Palestine)*; Hezbollah: Hezbollah (Lebanon)*; Houthi: Houthi rebels (Yemen)*; Free Aceh Movement: Indonesia
rebels (Indonesia)*; ISIS: Islamic State*; ISIS: ISIS (Iraq)*; Khmer Rouge: Khmer Rouge (Cambodia)*; KLA: KLA
(Kosovo)*; Peshmerga: KRG (Iraq)*; PLO: Lebanon Palestinian rebels (Lebanon)*; Lebanese Forces: LF (Lebanon)*; LRA:
LRA (Uganda)*; LTTE: LTTE (Sri Lanka)*; MPLA: MPLA (Portugal)*; MTA: MTA (Myanmar)*; Mujahideen: Mujahedin
(Afghanistan)*; NLA: NLA (Macedonia)*; Northern Alliance: Northern Alliance (Afghanistan)*; NTC: NTC (Libya)*; PAIGC:
PAIGC (Portugal)*; Pathet Lao: Pathet Lao (Laos)*; Palestinian Islamic Jihad: PIJ (Israel/Palestine)*; PKK: PKK
(Turkiye)*; PKK: PKK (Turkey)*; PLO: PLO (Israel/Palestine)*; Polisario: Polisario (Morocco)*; Popular Resistance
Committees: PRC (Israel/Palestine)*; Provisional IRA: Provisional IRA (UK)*;
RPF: RPF (Rwanda)*; RSF: RSF (Sudan)*; RUF: RUF (Sierra Leone)*; South Lebanon Army: SLA
(Lebanon)*; SNA: SNA (Somalia)*; SPLA: SPLA (Sudan)*; SSA: SSA (Myanmar)*; SWAPO: SWAPO (Namibia)*; Syrian rebels:
Syria rebels (Syria)*; TPLF: TPLF (Ethiopia)*; UIC: UIC (Somalia)*; Donetsk separatists: Ukraine Rebels (Ukraine)*;
UNITA: UNITA (Angola)*; UWSA: United Wa State (Myanmar)*; Viet Cong: Viet Cong (South Vietnam)*; Viet Minh: Viet Minh
(France)*; YPG: YPG (Syria)*; ZANU: ZANU (Zimbabwe)*; ZAPU: ZAPU (Zimbabwe)*; ZAPU: ZAPU (Rhodesia)*; unknown: unknown
rebel group*
"""


def list_spellings(text: str) -> list[tuple[str, str]]:
    """Return code and name of each entry."""
    return [tuple(entry.split(": ", 1)) for entry in " ".join(text.split()).split("; ")]


def resolve(name: str, year: int | None) -> str | None:
    party = resolve_party(name, year=year, register_id="sipri")
    return party and party.code


@pytest.mark.parametrize("text", [UN_MEMBERS, OTHER_SPELLINGS, OTHER_MEMBERS, STARRED])
def test_what_the_register_writes_resolves_in_every_year(text):
    wrong = {
        (name, year): (code, found)
        for code, name in list_spellings(text)
        for year in (1950, 1975, 1991, 2005, 2024, None)
        if (found := resolve(name, year)) != code
    }
    assert wrong == {}


def test_all_members_of_the_united_nations_are_among_them():
    codes = [code for code, _ in list_spellings(UN_MEMBERS)]
    assert len(codes) == len(set(codes)) == 193
